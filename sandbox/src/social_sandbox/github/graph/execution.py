"""Parsing, checking and running a GraphQL document against the schema."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute,
    parse,
    validate,
    visit,
)
from graphql.language import Visitor

from social_sandbox.faults import Operation
from social_sandbox.github.graph.trouble import formatted

_METRICS = {"upvoteCount", "reactions", "reactionGroups", "stargazerCount", "forkCount", "followers", "releaseAssets"}
_READS = {"discussions", "discussion", "releases", "release"}
_BY_ID = {"node", "nodes"}


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


@cache
def schema() -> GraphQLSchema:
    """The schema; arguments and input fields arrive at resolvers in snake case."""
    text = files("social_sandbox.github.graph").joinpath("schema.graphql").read_text()
    built = build_schema(text)
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, entry in kind.fields.items():
                entry.out_name = _snake(name)
        elif isinstance(kind, GraphQLObjectType):
            for member in kind.fields.values():
                for name, argument in member.args.items():
                    argument.out_name = _snake(name)
    return built


@lru_cache(maxsize=500)
def checked(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """The parsed document, or why it is none; remembered, for clients send the same few again and again."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema(), document))


def operation_in(document: DocumentNode, name: str | None = None) -> OperationDefinitionNode | None:
    """The operation of a document that is to run."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name and node.name.value == name), None)


def is_mutation(document: DocumentNode, name: str | None) -> bool:
    """Whether it writes."""
    found = operation_in(document, name)
    return found is not None and found.operation is OperationType.MUTATION


def operation_of(query: object, name: object) -> Operation:
    """What a GraphQL call is to somebody who plans faults: by the fields it asks for."""
    document, _ = checked(query) if isinstance(query, str) else (None, ())
    if document is None:
        return Operation.READ
    if is_mutation(document, name if isinstance(name, str) else None):
        return Operation.PUBLISH
    fields = _Fields()
    visit(document, fields)
    if fields.names & _METRICS:
        return Operation.METRICS
    return Operation.READ if fields.names & _READS or fields.top & _BY_ID else Operation.IDENTITY


class _Fields(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.top: set[str] = set()

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self.top |= {field.name.value for field in node.selection_set.selections if isinstance(field, FieldNode)}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.names.add(node.name.value)


def run(document: DocumentNode, root: object, variables: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The body of the answer: data, errors or both. A resolver's own bug is raised, not answered."""
    result = execute(
        schema(),
        document,
        root,
        variable_values=variables,
        operation_name=name,
        field_resolver=_resolve,
        type_resolver=lambda value, _info, _kind: value.typename,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("a resolver of the simulated GraphQL is asynchronous")
    for error in result.errors or ():
        if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
            raise error.original_error
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [formatted(error) for error in result.errors]
    return body


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    name = _snake(info.field_name)
    value = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return value(**arguments) if callable(value) else value
