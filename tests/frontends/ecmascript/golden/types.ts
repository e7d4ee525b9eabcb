let a: string | null | undefined;
let b: Array<Map<string, User[]>>;
let c: { id: number; name?: string; "x-y": Date; any; method(): void };
let d: [string, number?, ...boolean[]];
let e: "left" | 1 | true;
let f: (x: number) => void;
let g: typeof config;
let h: keyof User;
let i: User["id"];
let j: ns.Inner.Type<A>;
let k: A & B & { c: C };
let l: readonly string[];
let m: `id-${string}`;
let n: T extends U ? X : Y;
const o = <Foo>value;
const p = (value as unknown as Foo)!.bar satisfies Bar;
const q = call<Foo>(value);
declare const version: string;
declare function external(a: string): void;
declare module "untyped" {
  export const inside: number;
}
declare global {
  interface Window {
    app: App;
  }
}
namespace Deep.Inner {
  export const value = 1;
  function helper() {}
}
function isUser(value: unknown): value is User {
  return true;
}
