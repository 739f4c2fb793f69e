// The files of messages that wait, in a database of their own: its version never stands in the outbox's way.
const NAME = "chatsite-files";
const STORE = "files";

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function openDatabase() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "ref" }).createIndex("user", "user");
  return finished(opening);
}

/**
 * Records {ref, user, message, name, type, kept_at, blob, attachment}: `message` is the ref of the message that it waits
 * with, `attachment` what the site answered. All reject where the browser keeps nothing.
 */
export class FileStore {
  opened = null;

  async store(mode) {
    this.opened ??= openDatabase();
    return (await this.opened).transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
  }

  async get(ref) {
    const record = await finished((await this.store("readonly")).get(ref));
    return record && { ...record, blob: record.blob ?? new Blob([record.bytes], { type: record.type }) };
  }

  async all(user) {
    return finished((await this.store("readonly")).index("user").getAll(user));
  }

  async put(record) {
    try {
      await finished((await this.store("readwrite")).put(record));
    } catch (error) {
      if (error.name === "QuotaExceededError") throw error;
      // Some browsers keep bytes and no blobs, in private windows above all.
      const { blob, ...rest } = record;
      const bytes = await blob.arrayBuffer();
      await finished((await this.store("readwrite")).put({ ...rest, bytes }));
    }
  }

  /** Note what the site answered, if the file is kept. */
  async note(ref, attachment) {
    const store = await this.store("readwrite");
    const record = await finished(store.get(ref));
    if (record) await finished(store.put({ ...record, attachment }));
  }

  async delete(ref) {
    await finished((await this.store("readwrite")).delete(ref));
  }
}
