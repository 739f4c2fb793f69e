// IndexedDB, so that what was sent outlives the page. Where it is forbidden, it lives as long as the page does.
const NAME = "chatsite";
const STORE = "outbox";

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      const store = opening.result.createObjectStore(STORE, { keyPath: "ref" });
      store.createIndex("user", "user");
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("blocked"));
  });
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Two tabs may give out the same order at the same moment: every tab then breaks the tie alike. */
function byOrder(a, b) {
  return a.order - b.order || (a.ref < b.ref ? -1 : 1);
}

class DatabaseStore {
  constructor(database) {
    this.database = database;
  }

  store(mode) {
    return this.database.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
  }

  async all(user) {
    const items = await finished(this.store("readonly").index("user").getAll(user));
    return items.sort(byOrder);
  }

  get(ref) {
    return finished(this.store("readonly").get(ref));
  }

  put(item) {
    return finished(this.store("readwrite").put(item));
  }

  delete(ref) {
    return finished(this.store("readwrite").delete(ref));
  }
}

class MemoryStore {
  items = new Map();

  async all() {
    return [...this.items.values()].sort(byOrder);
  }

  async get(ref) {
    return this.items.get(ref);
  }

  async put(item) {
    this.items.set(item.ref, item);
  }

  async delete(ref) {
    this.items.delete(ref);
  }
}

export async function openStore() {
  try {
    return new DatabaseStore(await openDatabase());
  } catch {
    return new MemoryStore();
  }
}
