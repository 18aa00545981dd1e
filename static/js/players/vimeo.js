// A video at Vimeo, spoken to as if it were a video element.

const PASSED_ON = ["play", "pause", "ended", "seeking", "volumechange", "error"];

class VimeoMedia extends EventTarget {
  constructor(player, dataset) {
    super();
    this.player = player;
    this.paused = true;
    this.moment = 0;
    this.duration = Number(dataset.duration);
    this.isMuted = false;
    this.rate = 1;
    this.textTracks = [];
    for (const name of PASSED_ON) player.on(name, () => this.pass(name));
    player.on("play", () => (this.paused = false));
    for (const name of ["pause", "ended"]) player.on(name, () => (this.paused = true));
    player.on("timeupdate", ({ seconds }) => {
      this.moment = seconds;
      this.pass("timeupdate");
    });
  }

  pass(name) {
    // After the listeners above, which keep the state that others read.
    queueMicrotask(() => this.dispatchEvent(new Event(name)));
  }

  play() {
    return this.player.play();
  }

  pause() {
    return this.player.pause();
  }

  get currentTime() {
    return this.moment;
  }

  set currentTime(seconds) {
    this.moment = seconds;
    this.pass("seeking");
    this.pass("timeupdate"); // the host tells its own only while it plays
    this.player.setCurrentTime(seconds).catch(() => {});
  }

  get muted() {
    return this.isMuted;
  }

  set muted(isMuted) {
    this.isMuted = isMuted;
    this.player.setMuted(isMuted).catch(() => {});
    this.pass("volumechange");
  }

  get playbackRate() {
    return this.rate;
  }

  set playbackRate(rate) {
    this.rate = rate;
    // Not every account of the host allows it: then the film goes on at its own speed.
    this.player.setPlaybackRate(rate).catch(() => (this.rate = 1));
  }
}

export async function open(frame, dataset) {
  const { default: Player } = await import(dataset.engine);
  const player = new Player(frame);
  await player.ready();
  return new VimeoMedia(player, dataset);
}
