function add(a, b = 1, ...rest) {
  "use strict";
  return a + b;
}
async function load({ id, name: label = "x", ...others }, [first, , third] = []) {
  return;
}
function* ids() {
  yield 1;
  yield* more();
  const got = yield;
}
async function* pages() {}
const square = (x) => x * x;
const identity = x => x;
const run = async () => {
  await work();
};
const named = function inner() {};
(function () {
  setup();
})();
