"""The reference as one page of HTML without script. The server puts its style sheet's address where STYLESHEET is."""
import json
import re
from html import escape

import document as reader

STYLESHEET = "@stylesheet@"
CONTROL_FREE = r"^[^\u0000-\u001f\u007f-\u009f]*$"
FORMATS = {"uuid": "UUID", "date-time": "time", "uri": "URL", "idn-email": "e-mail"}
STATUS_NAMES = {
    "200": "OK", "201": "Created", "204": "No Content", "303": "See Other", "308": "Permanent Redirect",
    "400": "Bad Request", "401": "Unauthorized", "403": "Forbidden",
    "404": "Not Found", "409": "Conflict", "413": "Payload Too Large", "415": "Unsupported Media Type",
    "422": "Unprocessable Content", "429": "Too Many Requests", "500": "Internal Server Error",
    "503": "Service Unavailable", "default": "Refused before an operation",
}


def inline(text: str) -> str:
    """The little Markdown that descriptions use: `code`, **strong**, *emphasis*."""
    parts = re.split(r"`([^`]*)`", text)
    for i, part in enumerate(parts):
        part = escape(part, quote=False)
        if i % 2:
            parts[i] = f"<code>{part}</code>"
        else:
            part = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", part)
            parts[i] = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", part)
    return "".join(parts)


def paragraphs(text: str) -> str:
    return "".join(f"<p>{inline(part.strip())}</p>" for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def anchor(name: str) -> str:
    return "object-" + name


def counted(low, high, what: str) -> str:
    if low is not None and high is not None:
        return f"exactly {low} {what}" if low == high else f"{low} to {high} {what}"
    if low is not None:
        return f"at least {low} {what}"
    return f"at most {high} {what}" if high is not None else ""


class Page:
    def __init__(self, document):
        self.document = document
        self.shown = [name for name in document["components"]["schemas"] if not name.endswith("Fields")]

    # Schemas

    def type_of(self, schema) -> str:
        name = reader.name_of(schema)
        schema = reader.merged(self.document, schema)
        if "const" in schema:
            return f"<code>{escape(json.dumps(schema['const']))}</code>"
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return " or ".join(self.type_of(part) for part in schema[key])
        kinds = schema.get("type", "string" if "enum" in schema else "object" if "properties" in schema else "any")
        words = []
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if kind == "array":
                words.append("list of " + self.type_of(schema["items"]) if "items" in schema else "list")
            elif kind == "object" and name in self.shown:
                words.append(f'<a href="#{anchor(name)}">{name}</a>')
            elif kind == "string" and "format" in schema:
                words.append(FORMATS[schema["format"]])
            else:
                words.append(kind)
        return " or ".join(words)

    def constraints(self, schema) -> list[str]:
        schema = reader.merged(self.document, schema)
        found = []
        element = reader.merged(self.document, schema.get("items", {}))
        allowed = schema.get("enum") or element.get("enum")
        if allowed:
            values = [f"<code>{escape(str(value))}</code>" for value in allowed if value is not None]
            found.append(("one of " if "enum" in schema else "each one of ") + ", ".join(values))
        found.append(counted(schema.get("minLength"), schema.get("maxLength"), "characters"))
        found.append(counted(schema.get("minItems"), schema.get("maxItems"), "entries"))
        if schema.get("uniqueItems"):
            found.append("no entry twice")
        if "exclusiveMinimum" in schema:
            found.append(f"more than {schema['exclusiveMinimum']}")
        found.append(counted(schema.get("minimum"), schema.get("maximum"), "").rstrip())
        if "default" in schema:
            found.append(f"default <code>{escape(json.dumps(schema['default']))}</code>")
        pattern = schema.get("pattern", "")
        if pattern and pattern != CONTROL_FREE and len(pattern) <= 48:
            found.append(f"like <code>{escape(pattern)}</code>")
        return [one for one in found if one]

    def field(self, name: str, schema, required: bool, depth: int, note: str = "") -> str:
        whole = reader.merged(self.document, schema)
        marks = f'<span class="type">{self.type_of(schema)}</span>'
        marks += note
        if required:
            marks += ' <span class="required">required</span>'
        if whole.get("x-paylink-extension"):
            marks += ' <span class="extension">extension</span>'
        text = inline(" ".join(whole.get("description", "").split()))
        limits = "; ".join(self.constraints(schema))
        body = f"<p>{text}</p>" if text else ""
        body += f'<p class="limits">{limits[:1].upper() + limits[1:]}.</p>' if limits else ""
        body += self.nested(whole, depth)
        return f"<div><dt><code>{escape(name)}</code> {marks}</dt><dd>{body}</dd></div>"

    def nested(self, schema, depth: int) -> str:
        """The fields of an object inside; one that has a section of its own is linked instead, but for requests."""
        inside = schema
        if inside.get("type") == "array" and "items" in inside:
            inside = {"$ref": inside["items"]["$ref"]} if "$ref" in inside["items"] else inside["items"]
            if depth <= 0 and reader.name_of(inside) in self.shown:
                return ""
            inside = reader.merged(self.document, inside)
        elif depth <= 0:
            return ""
        return self.fields(inside, depth - 1) if "properties" in inside else ""

    def fields(self, schema, depth: int) -> str:
        schema = reader.merged(self.document, schema)
        required = schema.get("required", [])
        rows = [self.field(name, part, name in required, depth) for name, part in schema.get("properties", {}).items()]
        return f'<dl class="fields">{"".join(rows)}</dl>' if rows else ""

    def body(self, schema, depth: int) -> str:
        """A request's or an answer's schema: its fields, or each of its forms."""
        name = reader.name_of(schema)
        whole = reader.merged(self.document, schema)
        if depth == 0 and name in self.shown:
            return f'<p>{self.type_of(schema)}: {inline(whole["description"].strip())}</p>'
        forms = whole.get("oneOf") or whole.get("anyOf")
        if not forms:
            for inner, part in whole.get("properties", {}).items():
                if "oneOf" in part and depth:
                    shown = [f"<h5>{escape(self.title(form))}</h5>{self.fields(form, depth)}" for form in part["oneOf"]]
                    return f"<p>Everything is inside <code>{escape(inner)}</code>.</p>{''.join(shown)}"
            return self.fields(whole, depth)
        rows = "".join(f"<li>{self.type_of(form)}</li>" for form in forms)
        return f'<p>One of, {inline(whole.get("description", "").strip())}</p><ul>{rows}</ul>'

    def title(self, form) -> str:
        return reader.merged(self.document, form).get("title", "")

    # Operations

    def parameters(self, parameters) -> str:
        rows = []
        for parameter in parameters:
            described = {"$ref": parameter["schema"]["$ref"]} if "$ref" in parameter["schema"] else parameter["schema"]
            described = {**described, "description": parameter.get("description", "")}
            if parameter.get("x-paylink-extension"):
                described["x-paylink-extension"] = True
            name = parameter["name"] + ("[key]" if parameter.get("style") == "deepObject" else "")
            place = f' <span class="place">{parameter["in"]}</span>'
            rows.append(self.field(name, described, parameter.get("required", False), 0, place))
        return f'<h4>Parameters</h4><dl class="fields">{"".join(rows)}</dl>' if rows else ""

    def examples(self, content) -> list[tuple[str, object]]:
        if "examples" in content:
            return [(one.get("summary", ""), one["value"]) for one in content["examples"].values()]
        return [("", content["example"])] if "example" in content else []

    def curl(self, path: str, method: str, operation, parameters) -> str:
        target, pairs = path, []
        for parameter in parameters:
            example = parameter.get("example")
            if parameter["in"] == "path":
                target = target.replace("{" + parameter["name"] + "}", str(example))
            elif parameter["in"] == "query" and example is not None and parameter["name"] != "status":
                if isinstance(example, dict):
                    pairs += [f"{parameter['name']}[{key}]={value}" for key, value in example.items()]
                else:
                    values = example if isinstance(example, list) else [example]
                    pairs += [f"{parameter['name']}={value}" for value in values]
        lines = [f'curl "$PAYLINK_URL{target}"']
        if pairs and method == "get":
            lines[0] = f'curl --get "$PAYLINK_URL{target}"'
            lines += [f"--data-urlencode '{pair}'" for pair in pairs]
        elif pairs:
            lines[0] = f'curl "$PAYLINK_URL{target}?{"&".join(pairs)}"'
        if method not in ("get", "post"):
            lines.append(f"-X {method.upper()}")
        if reader.scope_of(self.document, operation):
            lines.append('-H "Authorization: Bearer $ACCESS_TOKEN"')
        if reader.needs_session(operation):
            lines.append('-b "paylink_session=$SESSION"')
        body = operation.get("requestBody", {})
        for media_type, content in body.get("content", {}).items():
            example = next((value for _, value in self.examples(content)), None)
            if media_type == "application/json" and body["required"]:
                lines += ["-H 'Content-Type: application/json'", f"-d '{pretty(example)}'"]
            elif body["required"]:
                lines += [f"--data-urlencode '{key}={value}'" for key, value in example.items()]
        return "<h4>Example</h4>" + code(" \\\n  ".join(lines), "Example request")

    def request(self, operation) -> str:
        body = operation.get("requestBody")
        if not body:
            return ""
        parts = ["<h4>Body</h4>"]
        if body.get("description"):
            parts.append(paragraphs(body["description"]))
        for media_type, content in body["content"].items():
            parts.append(f'<p class="media"><code>{media_type}</code></p>{self.body(content["schema"], 3)}')
            examples = self.examples(content)
            if media_type == "application/json" and len(examples) > 1:
                parts += [folded(summary or "Example", code(pretty(value), summary)) for summary, value in examples]
        return "".join(parts)

    def answer(self, status: str, response) -> str:
        response = reader.resolve(self.document, response)
        parts = [paragraphs(response["description"])]
        headers = {name: reader.resolve(self.document, header) for name, header in response.get("headers", {}).items()}
        rows = [self.field(name, header["schema"] | {"description": header["description"]}, "required" in header, 0)
                for name, header in headers.items() if name != "X-Trace-Id"]
        if rows:
            parts.append(f'<h5>Header fields</h5><dl class="fields">{"".join(rows)}</dl>')
        for media_type, content in response.get("content", {}).items():
            parts.append(f'<p class="media"><code>{media_type}</code></p>')
            if reader.name_of(content["schema"]) == "Errors":
                parts.append(self.codes(content["schema"]))
            elif "json" in media_type:
                parts.append(self.body(content["schema"], 0))
            for summary, value in self.examples(content):
                parts.append(f"<h5>{escape(summary)}</h5>" if summary else "")
                parts.append(code(pretty(value), f"Example of {status}"))
        kind = "good" if status < "400" else "bad"
        name = STATUS_NAMES[status]
        label = f'<span class="status {kind}">{"other" if status == "default" else status}</span> {name}'
        is_open = " open" if status in ("200", "201") else ""
        return f"<details{is_open}><summary>{label}</summary><div>{''.join(parts)}</div></details>"

    def codes(self, schema) -> str:
        allowed = schema["properties"]["errors"]["items"]["properties"]["code"]
        known = allowed.get("enum") or [allowed["const"]]
        listed = ", ".join(f"<code>{name}</code>" for name in known)
        return f'<p><a href="#{anchor("Errors")}">Errors</a> with the code {listed}.</p>'

    def operation(self, path: str, method: str, operation, parameters) -> str:
        name = operation["operationId"]
        scope = reader.scope_of(self.document, operation)
        needs = f"Needs the scope <code>{scope}</code>" if scope else "Needs no credentials"
        needs = "For whoever is signed in" if reader.needs_session(operation) else needs
        marked = re.sub(r"(\{[^}]+\})", r"<var>\1</var>", escape(path)).replace("/", "/<wbr>")
        answers = "".join(self.answer(status, response) for status, response in operation["responses"].items())
        return (f'<section class="operation" id="{name}" aria-labelledby="{name}-title">'
                f'<h3 id="{name}-title">{escape(operation["summary"])} <a class="here" href="#{name}" '
                f'aria-label="Link to: {escape(operation["summary"])}">#</a></h3>'
                f'<p class="route"><span class="method {method}">{method.upper()}</span> <code>{marked}</code></p>'
                f'<p class="scope">{needs}</p>{paragraphs(operation["description"])}'
                f"{self.curl(path, method, operation, parameters)}{self.parameters(parameters)}"
                f"{self.request(operation)}"
                f"<h4>Answers</h4>{answers}</section>")

    # The page

    def groups(self):
        for tag in self.document["tags"]:
            rows = [row for row in reader.operations(self.document) if tag["name"] in row[2]["tags"]]
            yield "tag-" + tag["name"].lower().replace(" ", "-"), tag, rows

    def contents(self) -> str:
        parts = ['<li><a href="#top">Overview</a></li><li><a href="#credentials">Credentials</a></li>']
        for name, tag, rows in self.groups():
            links = "".join(f'<li><a href="#{operation["operationId"]}">{escape(operation["summary"])}</a></li>'
                            for _, _, operation, _ in rows)
            parts.append(f'<li><a href="#{name}">{escape(tag["name"])}</a><ul>{links}</ul></li>')
        parts.append('<li><a href="#objects">Objects</a></li>')
        return f'<ul>{"".join(parts)}</ul>'

    def credentials(self) -> str:
        parts = ['<section id="credentials" aria-labelledby="credentials-title">'
                 '<h2 id="credentials-title">Credentials</h2>']
        for name, scheme in self.document["components"]["securitySchemes"].items():
            title = {"OAuth": "Access token", "ApiKey": "API key", "Session": "Session"}[name]
            parts.append(f"<h3>{title}</h3>{paragraphs(scheme['description'])}")
            scopes = scheme.get("flows", {}).get("authorizationCode", {}).get("scopes", {})
            rows = [f"<div><dt><code>{scope}</code></dt><dd><p>{escape(text)}.</p></dd></div>"
                    for scope, text in scopes.items()]
            parts.append(f'<dl class="fields">{"".join(rows)}</dl>' if rows else "")
        return "".join(parts) + "</section>"

    def objects(self) -> str:
        parts = ['<section id="objects" aria-labelledby="objects-title"><h2 id="objects-title">Objects</h2>']
        for name in self.shown:
            schema = {"$ref": f"#/components/schemas/{name}"}
            whole = reader.merged(self.document, schema)
            if "properties" in whole:
                parts.append(f'<div id="{anchor(name)}"><h3>{name}</h3>{paragraphs(whole.get("description", ""))}'
                             f"{self.fields(schema, 1)}</div>")
            elif whole.get("type") == "object":
                parts.append(f'<div id="{anchor(name)}"><h3>{name}</h3>{paragraphs(whole["description"])}</div>')
        return "".join(parts) + "</section>"

    def render(self) -> str:
        info = self.document["info"]
        groups = "".join(
            f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(tag["name"])}</h2>'
            f'{paragraphs(tag["description"])}{"".join(self.operation(*row) for row in rows)}</section>'
            for name, tag, rows in self.groups())
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<title>{escape(info["title"])} API reference</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="description" content="{escape(info["summary"])}">'
            f'<link rel="stylesheet" href="{STYLESHEET}"></head><body id="top">'
            '<a class="skip" href="#main">Skip to the content</a>'
            f'<header><p class="brand">{escape(info["title"])}</p><p><a href="/openapi.yaml">openapi.yaml</a> '
            '<a href="/openapi.json">openapi.json</a></p></header>'
            '<nav class="small" aria-label="Contents, folded"><details><summary>Contents</summary>'
            f'{self.contents()}</details></nav>'
            f'<nav class="wide" aria-label="Contents">{self.contents()}</nav>'
            f'<main id="main" tabindex="-1"><h1>{escape(info["title"])} API reference</h1>'
            f'<p class="lead">{inline(info["summary"])}</p>{paragraphs(info["description"])}'
            f"{self.credentials()}{groups}{self.objects()}</main></body></html>\n")


def pretty(value, indent: str = "") -> str:
    """JSON that keeps on one line what is short and flat."""
    line = json.dumps(value, ensure_ascii=False)
    flat = not isinstance(value, dict | list) or not any(isinstance(part, dict | list) for part in parts_of(value))
    if flat and len(indent + line) <= 72:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{inner}{json.dumps(key)}: {pretty(part, inner)}" for key, part in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + pretty(part, inner) for part in value) + f"\n{indent}]"
    return line


def parts_of(value):
    return value.values() if isinstance(value, dict) else value


def code(text: str, label: str) -> str:
    # It may scroll sideways, so it can be reached by the keyboard, and so it has a name.
    name = escape(label or "Example")
    return f'<pre tabindex="0" role="group" aria-label="{name}"><code>{escape(text, quote=False)}</code></pre>'


def folded(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary><div>{content}</div></details>"


def render(document) -> str:
    return Page(document).render()
