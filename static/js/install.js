// Whether the browser offers to install the page is said once, soon after loading: it must be heard then.
let offer = null;
const waiting = new Set();

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  for (const tell of waiting) tell();
});
addEventListener("appinstalled", () => {
  offer = null;
  for (const tell of waiting) tell();
});

export const canInstall = () => Boolean(offer);

export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

/** Call `tell()` whenever that changes. Answers with what ends it. */
export function onInstallable(tell) {
  waiting.add(tell);
  return () => waiting.delete(tell);
}

export async function install() {
  const asked = offer;
  offer = null;
  await asked?.prompt();
  return (await asked?.userChoice)?.outcome === "accepted";
}
