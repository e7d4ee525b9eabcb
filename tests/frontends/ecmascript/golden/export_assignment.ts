export = factory;
export as namespace Factory;
