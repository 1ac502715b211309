"""Pages: Relay connections."""

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.type(description="Where a page stands.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more rows follow.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` for the next page.")


@strawberry.type(description="One object of a page.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this object.")
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="A page of objects.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The objects, each with its cursor.")
    nodes: list[T] = strawberry.field(description="The objects alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")


@strawberry.interface(description="An object with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque global id; another department gets another.")
