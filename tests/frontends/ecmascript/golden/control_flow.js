for (let i = 0, n = rows.length; i < n; i++) {
  handle(rows[i]);
}
for (;;) break;
for (const key in object) log(key);
for (const [id, row] of entries) {
  if (!row) continue;
}
async function drain() {
  for await (const chunk of stream) chunks.push(chunk);
}
while (true) {
  poll();
}
do {
  step();
} while (more());
outer: while (a) break outer;
if (a) b();
else if (c) d();
else {
  e();
}
switch (status) {
  case 200:
  case 204:
    ok();
    break;
  case 404: {
    missing();
    break;
  }
  default:
    failed();
}
switch (true) {
  case age > 18:
    adult();
}
try {
  await db.query(text);
} catch (error) {
  throw new Error("failed", { cause: error });
} finally {
  db.release();
}
try {
  risky();
} catch {
}
try {
  risky();
} catch ({ message }) {
  log(message);
}
