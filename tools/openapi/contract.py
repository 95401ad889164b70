"""Holds an exchange (a request and its answer) against the document: what is not described is a fault."""
import json
import re
from urllib.parse import parse_qsl, urlsplit

import jsonschema

import document as reader

formats = jsonschema.FormatChecker(formats=())

# What is refused beyond the schemas, because they cannot say it: currencies, their decimals and how much they may come
# to, ranges of numbers that are written as texts, moments, durations, addresses.
BEYOND = re.compile(r"(.*/)?(currency|value|amount|items|items/\d+|quantity|vat_rate|expiration_date|advance"
                    r"|debitor_email|partner_callback_url|user_website_url)")


@formats.checks("uuid")
def is_uuid(value) -> bool:
    pattern = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


@formats.checks("date-time")
def is_time(value) -> bool:
    pattern = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


@formats.checks("uri")
def is_uri(value) -> bool:
    return not isinstance(value, str) or (not re.search(r"[\s<>\"{}]", value) and bool(urlsplit(value).scheme))


@formats.checks("idn-email")
def is_email(value) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


class Contract:
    def __init__(self, document):
        self.document = document
        self.validators = {}
        self.paths = []
        for path, item in document["paths"].items():
            parts = re.split(r"(\{[^}]+\})", path)
            pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
            shared = item.get("parameters", [])
            methods = {method: {**operation, "parameters": [*shared, *operation.get("parameters", [])]}
                       for method, operation in item.items() if method in reader.METHODS}
            self.paths.append((path.count("{"), re.compile(pattern), path, methods))
        self.paths.sort(key=lambda row: row[0])  # what is spelled out comes before what is a variable

    def faults_of(self, schema, value) -> list[str]:
        """What is wrong with a value, each with its place."""
        key = id(schema)
        if key not in self.validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self.validators[key] = jsonschema.Draft202012Validator(whole, format_checker=formats)
        return ["/" + "/".join(map(str, error.absolute_path)) + ": " + error.message[:200]
                for error in self.validators[key].iter_errors(value)]

    def find(self, method: str, path: str):
        """(path as described, its operations, the operation), with nothing where the document says nothing."""
        for _, pattern, described, methods in self.paths:
            if pattern.fullmatch(path):
                return described, methods, methods.get("get" if method == "HEAD" else method.lower())
        return None, {}, None

    def response_for(self, operation, methods, status: int):
        """The response that documents a status; where there is no operation, what the server says by itself."""
        shared = self.document["components"]["responses"]
        if operation is None:
            if status == 404 and not methods:
                return shared["NotFound"]
            if status == 429:
                return shared["RateLimited"]  # decided before the path is looked at
            return shared["Refused"] if status in shared["Refused"]["x-paylink-statuses"] else None
        responses = operation["responses"]
        if str(status) in responses:
            return reader.resolve(self.document, responses[str(status)])
        fallback = reader.resolve(self.document, responses["default"])
        return fallback if status in fallback["x-paylink-statuses"] else None

    def check(self, exchange) -> tuple[str, list[str]]:
        """What the exchange was an example of, and what is wrong with it."""
        method, status = exchange["method"], exchange["status"]
        path = exchange["target"].split("?")[0]
        described, methods, operation = self.find(method, path) if method else (None, {}, None)
        name = f"{method or '(no HTTP)'} {described or '(no such path)'} {status}"
        response = self.response_for(operation, methods, status)
        if response is None:
            return name, ["this status is not documented"]
        fields = fields_of(exchange["answer_head"])
        faults = self.check_fields(response, fields)
        if status == 405 and "allow" not in fields:
            faults.append("there is no Allow")
        if method != "HEAD":
            faults += self.check_body(response, fields, exchange["answer_body"])
        if operation is not None and status < 300:
            faults += ["the request was served, but " + fault for fault in self.faults_of_request(operation, exchange)]
        if operation is not None and status == 400:
            faults += self.check_refusal(operation, exchange)
        return name, faults

    def check_fields(self, response, fields) -> list[str]:
        faults = []
        for name, header in response.get("headers", {}).items():
            header = reader.resolve(self.document, header)
            value = fields.get(name.lower())
            if value is not None:
                faults += [f"{name} {fault}" for fault in self.faults_of(header["schema"], value)]
            elif header.get("required"):
                faults.append(f"there is no {name}")
        return faults

    def check_body(self, response, fields, body: bytes) -> list[str]:
        content = response.get("content", {})
        media_type = fields.get("content-type", "").split(";")[0].strip()
        if not content:
            return [f"there is a body of {media_type}"] if body else []
        if media_type not in content:
            return [f"the answer is of the type '{media_type}'"]
        if media_type != "application/json":
            return self.faults_of(content[media_type]["schema"], body.decode("utf-8"))
        value = json.loads(body.decode("utf-8"))
        faults = self.faults_of(content[media_type]["schema"], value)
        if isinstance(value, dict) and "trace_id" in value and value["trace_id"] != fields.get("x-trace-id"):
            faults.append("trace_id is not X-Trace-Id")
        return faults

    def check_refusal(self, operation, exchange) -> list[str]:
        """What is refused for the look of a value, the document must not allow."""
        if not exchange["answer_body"].startswith(b"{"):
            return []
        errors = json.loads(exchange["answer_body"]).get("errors")
        if errors is None:  # the authorization server's refusals (RFC 6749, section 5.2) name no place
            return []
        for error in errors:
            place = "".join(error.get("source", {}).values())
            named = place and error["code"] in ("invalid_format", "out_of_range", "not_in_list")
            if not named or BEYOND.fullmatch(place) or self.faults_of_request(operation, exchange):
                return []
        return ["the document allows what was refused: " + error["detail"]]

    def faults_of_request(self, operation, exchange) -> list[str]:
        """Of its body, when that is JSON and looked at, and of its parameters."""
        faults = []
        described, body = operation.get("requestBody"), exchange["body"]
        content = described["content"].get("application/json") if described else None
        if content and not described.get("x-paylink-ignored") and (body or described["required"]):
            faults += self.faults_of(content["schema"], json.loads(body))
        fields = fields_of(exchange["head"])
        query = parse_qsl(urlsplit(exchange["target"]).query, keep_blank_values=True)
        for parameter in operation["parameters"]:
            parameter = reader.resolve(self.document, parameter)
            value = value_of(parameter, query) if parameter["in"] == "query" else fields.get(parameter["name"].lower())
            if value is not None and parameter["in"] != "path":
                faults += [f"{parameter['name']} {fault}" for fault in self.faults_of(parameter["schema"], value)]
        return faults


def value_of(parameter, query):
    """A parameter as its schema sees it; None: it is not there."""
    name, schema = parameter["name"], parameter["schema"]
    if parameter.get("style") == "deepObject":
        return {key[len(name) + 1:-1]: value for key, value in query if key.startswith(name + "[")} or None
    values = [value for key, value in query if key == name]
    if not values:
        return None
    if schema.get("type") == "array":
        return ",".join(values).split(",")
    return int(values[0]) if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", values[0]) else values[0]


def fields_of(head: str) -> dict[str, str]:
    lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
    return {name.lower(): value.strip() for name, _, value in lines}


def decode_chunks(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        whole, body = whole + rest[:length], rest[length + 2:]
    return whole


def read_exchanges(path) -> list[dict]:
    exchanges = []
    with open(path, encoding="ascii") as file:
        for line in file:
            exchange = json.loads(line)
            exchange["body"] = exchange["body"].encode("latin-1")
            exchange["answer_body"] = exchange["answer_body"].encode("latin-1")
            if "chunked" in fields_of(exchange["head"]).get("transfer-encoding", "") and exchange["status"] < 300:
                exchange["body"] = decode_chunks(exchange["body"])
            exchanges.append(exchange)
    return exchanges
