"""Holds every exchange of the scenario suite against openapi/paylink.yaml, and its examples against its schemas.

python3 tools/openapi/check_exchanges.py FILE     FILE is what tests/scenario/recorder.cpp left

A test is one status of one operation (all its exchanges), one group of examples, or one control: a document that was
spoiled on purpose must not pass. What was documented and never seen is listed. The last line is `N passed, N failed`.
"""
import copy
import sys
from collections import Counter, defaultdict

import contract
import document as reader


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def note(self, name: str, faults: list[str]) -> None:
        if not faults:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL {name}")
        for fault, count in Counter(faults).most_common(5):
            print(f"     {count} x {fault}")


def check_exchanges(rules, exchanges, tally) -> set[str]:
    faults = defaultdict(list)
    for exchange in exchanges:
        name, found = rules.check(exchange)
        faults[name] += found
    for name, found in sorted(faults.items()):
        tally.note(name, found)
    return set(faults)


def values_of(holder) -> list:
    named = [one["value"] for one in holder.get("examples", {}).values()]
    return named + ([holder["example"]] if "example" in holder else [])


def check_examples(rules, tally) -> None:
    document = rules.document
    for path, method, operation, parameters in reader.operations(document):
        contents = [operation.get("requestBody", {})]
        contents += [reader.resolve(document, response) for response in operation["responses"].values()]
        faults = []
        for holder in contents:
            for content in holder.get("content", {}).values():
                for value in values_of(content):
                    faults += rules.faults_of(content["schema"], value)
        for parameter in parameters:
            for value in [parameter["example"]] if "example" in parameter else []:
                faults += rules.faults_of(parameter["schema"], value)
        tally.note(f"examples of {method.upper()} {path}", faults)
    faults = []
    for name, schema in document["components"]["schemas"].items():
        for part in [schema, *schema.get("properties", {}).values()]:
            for value in part.get("examples", []):
                faults += [f"{name} {fault}" for fault in rules.faults_of(part, value)]
    tally.note("examples of schemas", faults)


# Each of these spoils the document in one place; the exchanges must no longer agree with it.
CONTROLS = {
    "a field that is not described": lambda d: d["components"]["schemas"]["PaymentLinkFields"]["properties"].pop("url"),
    "a field of an item that is not described":
        lambda d: d["components"]["schemas"]["ItemFields"]["properties"].pop("description"),
    "a field that is never there":
        lambda d: d["components"]["schemas"]["PaymentLinkFields"]["required"].append("never"),
    "a state that is not described":
        lambda d: d["components"]["schemas"]["PaymentLinkStatus"]["enum"].remove("expired"),
    "a field of another type":
        lambda d: d["components"]["schemas"]["Errors"]["properties"]["trace_id"].update({"type": "integer"}),
    "a code that is not described":
        lambda d: error_codes(d).remove("missing_field"),
    "a status that is not described":
        lambda d: d["paths"]["/v2/payment_links"]["post"]["responses"].pop("422"),
    "an operation that is not described": lambda d: d["paths"]["/sandbox/payments"].pop("post"),
    "a header field that is never there":
        lambda d: d["components"]["responses"]["Unauthorized"]["headers"].update(
            {"X-Never": {"required": True, "schema": {"type": "string"}}}),
    "another media type":
        lambda d: d["components"]["responses"]["Page"].update({"content": {"text/plain": {"schema": {}}}}),
    "a request that the document does not allow":
        lambda d: d["components"]["schemas"]["CreateBasketPaymentLink"]["required"].append("colour"),
    "a parameter that the document does not allow":
        lambda d: d["components"]["parameters"]["IdempotencyKey"]["schema"].update({"pattern": "^[!-~]+$"}),
    "a body that is refused for what the document allows":
        lambda d: d["components"]["schemas"]["CreateConnection"]["properties"]["user_phone_number"].pop("pattern"),
    "a parameter that is refused for what the document allows":
        lambda d: d["components"]["parameters"]["Page"]["schema"].pop("maximum"),
}


def error_codes(document) -> list[str]:
    schema = document["components"]["responses"]["BadBody"]["content"]["application/json"]["schema"]
    return schema["properties"]["errors"]["items"]["properties"]["code"]["enum"]


def check_controls(document, exchanges, tally) -> None:
    for name, spoil in CONTROLS.items():
        spoiled = copy.deepcopy(document)
        spoil(spoiled)
        rules = contract.Contract(spoiled)
        noticed = any(rules.check(exchange)[1] for exchange in exchanges)
        tally.note(f"control: {name}", [] if noticed else ["nobody noticed"])


def list_unseen(document, seen) -> None:
    unseen = [f"{method.upper()} {path} {status}"
              for path, method, operation, _ in reader.operations(document)
              for status in operation["responses"]
              if status not in ("default", "500", "503") and f"{method.upper()} {path} {status}" not in seen]
    print(f"{len(unseen)} documented and never seen (500, 503 and default apart):")
    for name in unseen:
        print(f"     {name}")


def main() -> int:
    document, exchanges, tally = reader.load(), contract.read_exchanges(sys.argv[1]), Tally()
    rules = contract.Contract(document)
    seen = check_exchanges(rules, exchanges, tally)
    check_examples(rules, tally)
    check_controls(document, exchanges, tally)
    list_unseen(document, seen)
    print(f"{len(exchanges)} exchanges, {len(seen)} kinds of them")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not exchanges else 0


if __name__ == "__main__":
    sys.exit(main())
