"use strict";
const total = (price * count + fee) / 2 ** 3;
const same = a === b && c !== d || !e;
const fallback = options?.limit ?? 20;
const kind = typeof value === "object" ? value.kind : void 0;
delete cache[key];
if ("id" in row && row instanceof Row && !(x >>> 1)) {
}
i++;
--this.count;
total += 1;
config.name ||= "none";
config.size ??= 10;
flags >>>= 2;
first = second = load();
const pool = new Pool({ max: 10, "idle-time": 3, [name]: true, host, ...rest });
const bare = new Date;
const matrix = [1, , 3, ...others];
users.filter((user) => user.active).map(async ({ id }) => await fetch(`/users/${id}`))[0]?.json?.();
const pattern = /^a\/(b+)$/gi;
const handlers = {
  list(req, res) {
    return this.all;
  },
  get size() {
    return 1;
  },
  async *stream() {},
};
(first(), second());
const lazy = import("./lazy");
const url = import.meta.url;
const numbers = [0xff, 0b11, 0o17, 017, 1_000, 12n, 1.5e3, .5, -1];
