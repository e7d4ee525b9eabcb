const before = query("SELECT 1");
function broken( {
  db.query("SELECT " + id);
}
const = 3;
foo(a, , b;
class { method() { run(1) } }
const after = query("SELECT 2");
