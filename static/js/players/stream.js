// A stream in several qualities: video.js plays it in the same video element.
// It comes with the first play, since it weighs more than the whole page.

const { HAVE_FUTURE_DATA } = HTMLMediaElement;

window.VIDEOJS_NO_DYNAMIC_STYLE = true; // the policy of the site refuses inline styles

async function attach(video, { stream, engine }) {
  await import(engine);
  const file = { src: video.currentSrc || video.querySelector("source").src, type: "video/mp4" };
  const { currentTime, playbackRate } = video;
  const player = window.videojs(video, {
    children: ["mediaLoader"], // the bar is ours
    controls: false,
    errorDisplay: false,
    html5: { nativeTextTracks: true },
  });
  const start = (source) =>
    new Promise((resolve, reject) => {
      player.one("loadedmetadata", resolve);
      player.one("error", () => reject(player.error()));
      player.src(source);
    });
  const asStream = { src: stream, type: "application/x-mpegURL" };

  // Goes on at the same moment, from the network that is back or from the plain file.
  async function goOn(source) {
    const { currentTime: moment, paused, playbackRate: rate } = video;
    await start(source);
    Object.assign(video, { currentTime: moment, playbackRate: rate });
    if (!paused) video.play();
  }

  try {
    await start(asStream);
  } catch {
    await start(file);
  }
  player.on("error", () => {
    if (navigator.onLine) goOn(file).catch(() => {});
  });
  // What was played out while the network was away is not asked for again by itself.
  addEventListener("online", () => {
    if (video.readyState < HAVE_FUTURE_DATA) goOn(asStream).catch(() => {});
  });
  Object.assign(video, { currentTime, playbackRate }); // a new source begins anew
}

export function open(video, dataset) {
  const play = video.play.bind(video);
  let attached = null;
  video.play = async () => {
    // Without the engine the file itself plays.
    attached ??= attach(video, dataset).catch(() => {});
    await attached;
    return play();
  };
  return video;
}
