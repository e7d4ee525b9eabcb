export default async function handler(req, res) {}
export default async (req) => {};
export default { name: "plugin" };
export default handler;
export default class {}
