#!/usr/bin/env node
/* one */ const /* two */ a /* three */ : /* four */ string /* five */ = /* six */ b /* seven */ + /* eight */ c; // nine
call(/* none */);
call(/* first */ a, // second
  b /* third */);
a /* x */ . /* y */ b /* z */ (c)[/* i */ d];
const o = { /* k */ a /* l */ : /* m */ 1 /* n */, /* o */ };
function f(/* p */ a /* q */, /* r */ b: /* s */ number) /* t */ : void {
  // only a comment
}
const list = [/* 1 */ a, /* 2 */ , b];
if (/* test */ a) /* then */ b(); /* before */ else /* after */ c();
x /* a */ = /* b */ y;
return /* nothing */;
new /* n */ Foo(/* args */);
await /* w */ p;
