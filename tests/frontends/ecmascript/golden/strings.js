const q1 = "SELECT * FROM users WHERE id = " + id;
const q2 = `SELECT * FROM ${table} WHERE id = ${id + 1}`;
const q3 = "a" + 1 + 'b' + true + (`c${d}` + "e");
const q4 = ["SELECT", columns, "FROM t"].join(" ");
const q5 = "WHERE a = ".concat(a, " AND b = ", b);
const q6 = sql`SELECT * FROM users WHERE id = ${id}`;
const q7 = sql.raw`C:\new`;
const q8 = count + 1 + offset;
const q9 = ["a", "b"].join();
const plain = `no holes`;
const escapes = "tab\t \x41 B \u{1F600} \uD83D\uDE00 \
joined \' \0";
const grüße = "schöne " + grüße.länge;
const left = names.join(", ");
const right = list.concat(other);
