import express from "express";
import * as path from "node:path";
import { readFile, type Stats, writeFile as write, default as fs } from "fs";
import def, { other } from "./mixed.js";
import def2, * as everything from './both';
import "./side-effect";
import type Config from "./config";
import type { Row } from "./row";
import legacy = require("legacy");
import Alias = express.Router;
import data from "./data.json" with { type: "json" };
export const { a, b: [c] } = load(), d = 1;
export function run() {}
export class Runner {}
export default class Main {}
export { a as renamed, run };
export { x as y, default } from "./x";
export * from "./all";
export * as ns from "./namespace";
export type Id = string;
export interface Shape {}
export enum Level {
  Low,
}
export import Router = express.Router;
