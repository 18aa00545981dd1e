// A stream in several qualities: video.js plays it in the same video element.
// It comes with the first play, since it weighs more than the whole page.

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
  try {
    await start({ src: stream, type: "application/x-mpegURL" });
  } catch {
    await start(file);
  }
  player.on("error", () => start(file)); // a stream that breaks off goes on as the file
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
