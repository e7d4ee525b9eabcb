export abstract class Service<T> extends Base<T> implements Disposable, ns.Other {
  static count = 0;
  readonly #secret: string = "s";
  declare ready?: boolean;
  private handler = async (req: Request) => this.handle(req);
  static {
    Service.count = 1;
  }

  constructor(
    private readonly users: Repository<User>,
    public name = "service",
    plain: number,
  ) {
    super(plain);
  }

  get size(): number {
    return this.#secret.length;
  }

  set size(value: number) {}

  static async create(): Promise<Service> {
    return new Service();
  }

  abstract stop(): void;

  overload(a: string): void;
  overload(a: number): void;
  overload(this: Service, a: unknown): void {}

  *[Symbol.iterator]() {}
  "quoted name"() {}
}
const Anonymous = class extends mixin(Base) {};
interface Row extends Named, Aged {
  id: number;
  readonly email?: string;
  find(id: number): Row;
  [key: string]: unknown;
}
enum Status {
  Active,
  Closed = "closed",
  "Half-open" = 2,
}
type Id = string | number;
