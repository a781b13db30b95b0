// Shows openapi.json, which lies beside this page. Fetches nothing else, and writes text only.
"use strict";

const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text.replaceAll("`", "");
  made.append(...children);
  return made;
};

const found = (root, value) =>
  value.$ref ? value.$ref.split("/").slice(1).reduce((at, key) => at[key], root) : value;

const named = (schema) => (schema.$ref ? schema.$ref.split("/").pop() : "");

const kind = (schema) => {
  if (schema.$ref) return named(schema);
  if (schema.type === "array") return `${kind(schema.items)}, repeatable`;
  const parts = [schema.format || schema.type || "anything"];
  if (schema.enum) parts.push(schema.enum.join(" | "));
  if (schema.minimum !== undefined) parts.push(`${schema.minimum} to ${schema.maximum ?? "any"}`);
  if (schema.default !== undefined) parts.push(`default ${schema.default}`);
  return parts.join("; ");
};

const answered = (response) => {
  const schema = response.content?.["application/json"]?.schema;
  if (!schema) return "";
  const list = schema.properties?.data_ref?.const;
  return list ? `list of ${kind(schema.properties[list].items)}` : kind(schema);
};

const table = (head, rows) => {
  const cells = (name, texts) => element("tr", "", ...texts.map((text) => element(name, text)));
  return element(
    "table", "",
    element("thead", "", cells("th", head)),
    element("tbody", "", ...rows.map((row) => cells("td", row))),
  );
};

const operation = (root, path, method, described) => {
  const parameters = described.parameters.map((one) => found(root, one));
  const responses = Object.entries(described.responses).map(([status, one]) => [status, found(root, one)]);
  const body = element(
    "div", "",
    element("h3", "Parameters"),
    table(["name", "in", "value", ""], parameters.map((one) => [
      one.name, one.in, kind(one.schema), one.description || "",
    ])),
    element("h3", "Answers"),
    table(["status", "object", "", "headers"], responses.map(([status, one]) => [
      status, answered(one), one.description, Object.keys(one.headers || {}).join(", "),
    ])),
  );
  const summary = element("summary", "", element("b", method.toUpperCase()), path, element("span", described.summary));
  const details = element("details", "", summary, body);
  details.dataset.text = `${path} ${described.summary}`.toLowerCase();
  return details;
};

const show = (root) => {
  document.getElementById("about").replaceChildren(element("span", root.info.description));
  const tags = new Map();
  for (const [path, methods] of Object.entries(root.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags[0];
      if (!tags.has(tag)) tags.set(tag, element("section", "", element("h2", tag)));
      tags.get(tag).append(operation(root, path, method, described));
    }
  }
  document.getElementById("paths").replaceChildren(...tags.values());
};

const filter = (wanted) => {
  for (const section of document.querySelectorAll("section")) {
    const all = [...section.querySelectorAll("details")];
    for (const one of all) one.hidden = !one.dataset.text.includes(wanted.toLowerCase());
    section.hidden = all.every((one) => one.hidden);
  }
};

document.getElementById("wanted").addEventListener("input", (event) => filter(event.target.value));
fetch("openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch((error) => { document.getElementById("paths").textContent = `openapi.json can't be shown: ${error}`; });
