"""What a route is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from gdial.runtime import Runtime


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Rt = Annotated[Runtime, Depends(runtime_of)]
