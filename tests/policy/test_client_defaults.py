"""The policies that a client uses where a call names none, and what its default ttl stands for."""

from __future__ import annotations

import pytest

from triospike.defaults import DefaultPolicies
from triospike.policy import ClientPolicy, OperatePolicy, ReadPolicy, Ttl, WritePolicy

_HOUR = ClientPolicy(write=WritePolicy(ttl=3600), operate=OperatePolicy(ttl=7200))


def test_without_a_policy_the_clients_own_is_used() -> None:
    defaults = DefaultPolicies.of(_HOUR)
    assert defaults.for_write(None) is _HOUR.write
    assert defaults.for_operate(None) is _HOUR.operate
    assert defaults.read is _HOUR.read


def test_a_policy_of_the_call_is_taken_as_it_is() -> None:
    defaults = DefaultPolicies.of(_HOUR)
    write, operate = WritePolicy(ttl=5), OperatePolicy()
    assert defaults.for_write(write) is write
    assert defaults.for_operate(operate) is operate
    assert defaults.for_operate(operate).ttl == Ttl.NAMESPACE_DEFAULT


def test_the_clients_default_ttl_fills_in_where_the_call_asks_for_it() -> None:
    defaults = DefaultPolicies.of(_HOUR)
    write = defaults.for_write(WritePolicy(ttl=Ttl.CLIENT_DEFAULT, max_retries=4))
    operate = defaults.for_operate(OperatePolicy(ttl=Ttl.CLIENT_DEFAULT, max_retries=4))
    assert write == WritePolicy(ttl=3600, max_retries=4)
    assert operate == OperatePolicy(ttl=7200, max_retries=4)


def test_what_a_policy_becomes_with_the_clients_ttl_is_made_once_for_each_client() -> None:
    policy = WritePolicy(ttl=Ttl.CLIENT_DEFAULT)
    hour, day = DefaultPolicies.of(_HOUR), DefaultPolicies.of(ClientPolicy(write=WritePolicy(ttl=86_400)))
    assert hour.for_write(policy) is hour.for_write(policy)
    assert (hour.for_write(policy).ttl, day.for_write(policy).ttl) == (3600, 86_400)


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (ClientPolicy(write=WritePolicy(ttl=Ttl.CLIENT_DEFAULT)), "write"),
        (ClientPolicy(operate=OperatePolicy(ttl=Ttl.CLIENT_DEFAULT)), "operate"),
    ],
)
def test_the_default_can_not_be_itself(policy: ClientPolicy, field: str) -> None:
    with pytest.raises(ValueError, match=rf"ClientPolicy\.{field}\.ttl can't be Ttl\.CLIENT_DEFAULT"):
        DefaultPolicies.of(policy)


def test_read_policies_have_no_ttl() -> None:
    assert not hasattr(ReadPolicy(), "ttl")
