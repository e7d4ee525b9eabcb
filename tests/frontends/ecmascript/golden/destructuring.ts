const { a, b: { c }, d = 1, ["e"]: f, ...rest } = source;
let [g, , h = 2, ...tail] = list;
[g, h] = [h, g];
({ a, x: this.x } = point);
function handler({ body, params: { id } }: Request, [first]: string[] = []): void {}
