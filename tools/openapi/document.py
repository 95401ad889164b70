"""Reading openapi/paylink.yaml: references, merged schemas, the operations. Shared by what builds and what tests."""
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "openapi/paylink.yaml"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as JSON sees it: a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path=SOURCE):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader)


def look_up(document, pointer: str):
    """What `#/a/b~1c` points at."""
    place = document
    for step in pointer.removeprefix("#/").split("/"):
        place = place[step.replace("~1", "/").replace("~0", "~")]
    return place


def resolve(document, thing):
    """Follows references; fields beside a reference win over what it points at (a Path Item's and a schema's alike)."""
    while isinstance(thing, dict) and "$ref" in thing:
        beside = {key: value for key, value in thing.items() if key != "$ref"}
        thing = {**look_up(document, thing["$ref"]), **beside}
    return thing


def merged(document, schema):
    """One schema out of what a schema refers to and what is beside the reference: for people, not for validating."""
    if not isinstance(schema, dict) or "$ref" not in schema:
        return schema
    base = merged(document, look_up(document, schema["$ref"]))
    result = dict(base)
    for key, value in schema.items():
        if key == "$ref":
            continue
        if key == "properties":
            properties = dict(base.get("properties", {}))
            for name, part in value.items():
                known = properties.get(name)
                properties[name] = {**merged(document, known), **part} if known else part
            result[key] = properties
        elif key == "required":
            result[key] = [*base.get("required", []), *(name for name in value if name not in base.get("required", []))]
        else:
            result[key] = value
    return result


def name_of(schema):
    """The component's name behind a plain reference, else nothing."""
    pointer = schema.get("$ref", "") if isinstance(schema, dict) else ""
    plain = pointer.startswith("#/components/schemas/") and pointer.count("/") == 3
    return pointer.rsplit("/", 1)[-1] if plain else None


def operations(document):
    """(path, method, operation, parameters) of everything the document describes, in its order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                both = [*item.get("parameters", []), *operation.get("parameters", [])]
                yield path, method, operation, [resolve(document, parameter) for parameter in both]


def scope_of(document, operation):
    """The scope an operation needs; nothing when everybody may call it."""
    for requirement in operation.get("security", document["security"]):
        for scopes in requirement.values():
            return scopes[0] if scopes else None
    return None


def needs_session(operation) -> bool:
    """Whether it is a page of somebody who is signed in."""
    return any("Session" in requirement for requirement in operation.get("security", []))
