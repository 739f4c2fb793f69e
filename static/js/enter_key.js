import { keep, recall } from "./storage.js";

const KEY = "send with";

/** Whether Enter alone sends at a keyboard; otherwise Ctrl+Enter does, and Enter breaks the line. Kept in this browser. */
export const enterSends = () => recall(KEY) !== "ctrl";

export const setEnterSends = (sends) => keep(KEY, sends ? null : "ctrl");
