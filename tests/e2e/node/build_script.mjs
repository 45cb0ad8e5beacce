// Runs build.js, given on standard input, in a page of nothing but stubs; prints where its frame points.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [, , search] = process.argv;
const made = [];
const element = (name) => {
  const self = { name, attributes: {}, setAttribute: (key, value) => { self.attributes[key] = value; }, append: () => {} };
  made.push(self);
  return self;
};
const page = {
  URL, URLSearchParams, encodeURIComponent,
  location: { search },
  document: {
    currentScript: { src: "http://127.0.0.1:8052/resource/build.js" },
    readyState: "complete",
    createElement: element,
    body: { append: () => {} },
  },
};
vm.runInNewContext(readFileSync(0, "utf8"), page);
console.log(JSON.stringify(made.filter((one) => one.name === "iframe").map((one) => one.src)));
