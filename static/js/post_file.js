import { ApiError, csrfToken, refusal } from "./api.js";
import { gettext } from "./i18n.js";

const PATIENCE = 60_000;

/**
 * Upload `file` under `ref` (a UUID; a repeat is the same attachment). Calls `progress(share)` with 0 to 1, which `fetch`
 * cannot tell. Resolves with the ATTACHMENT; rejects with an ApiError: "cancelled" by `signal`, "unreachable" when the
 * line is broken or nothing has moved for a minute, "unreadable" when the file is not there any more.
 */
export function postFile(file, { ref, name, signal, progress }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let patience;
    const waitMore = () => {
      clearTimeout(patience);
      patience = setTimeout(() => xhr.abort(), PATIENCE);
    };
    const end = (act) => {
      clearTimeout(patience);
      signal.removeEventListener("abort", stop);
      act();
    };
    const broken = () => end(async () => reject(new ApiError(signal.aborted ? "cancelled" : (await isReadable(file)) ? "unreachable" : "unreadable")));
    const stop = () => xhr.abort();
    xhr.upload.onprogress = ({ loaded, total }) => (waitMore(), progress(total ? loaded / total : 0));
    xhr.onload = () => end(() => (xhr.status < 300 && xhr.response ? resolve(xhr.response) : reject(refused(xhr))));
    xhr.onerror = xhr.onabort = broken;
    xhr.open("POST", "/api/v1/uploads/");
    xhr.responseType = "json";
    xhr.setRequestHeader("Accept", "application/json");
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    signal.addEventListener("abort", stop);
    waitMore();
    xhr.send(formOf(file, ref, name));
    if (signal.aborted) stop();
  });
}

/** The site says what is wrong with the file at its field; a proxy before the site has no words of ours. */
function refused(xhr) {
  const { status, response } = xhr;
  const tooLarge = status === 413 ? { code: "too_large", detail: gettext("This file is too large.") } : null;
  const words = response?.code ? { ...response, detail: response.fields?.file?.[0] ?? response.detail } : tooLarge;
  return refusal(status, words, xhr.getResponseHeader("Retry-After"));
}

function formOf(file, ref, name) {
  const form = new FormData();
  form.append("ref", ref);
  form.append("file", file, name);
  return form;
}

async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
