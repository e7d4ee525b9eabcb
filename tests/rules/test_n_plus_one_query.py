"""Loops whose queries are told, but not by default."""

from __future__ import annotations

import textwrap

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_HEAD = """
import subprocess

import requests
from django.http import JsonResponse
from django.urls import path

from shop.models import Order, Person
"""
_ROUTE = """

def show(request):
    names({ids})
    return JsonResponse({{}})


urlpatterns = [path("names/", show)]
"""
_MODELS = """
from django.db import models


class Person(models.Model):
    name = models.TextField()


class Order(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
"""
_IDS = 'request.GET.getlist("id")'


def _confidences(
    body: str, *, ids: str = _IDS, routed: bool = True, file: str = "views"
) -> list[Confidence]:
    text = _HEAD + "\n\n" + textwrap.dedent(body) + (_ROUTE.format(ids=ids) if routed else "")
    files = {f"shop/{file}.py": text.encode(), "shop/models.py": _MODELS.encode()}
    settings = Settings(select=("n-plus-one-query",), confidence=Confidence.LOW)
    return [item.confidence for item in check(MemoryProject(files), settings).findings]


_PLAIN = """
    def names(ids):
        return [Person.objects.get(pk=id).name for id in ids]
"""


def test_on_the_way_of_a_request() -> None:
    assert _confidences(_PLAIN) == [Confidence.MEDIUM]


def test_where_no_request_leads() -> None:
    assert _confidences(_PLAIN, routed=False) == [Confidence.LOW]


def test_in_an_export() -> None:
    assert _confidences(_PLAIN, file="exporter") == [Confidence.LOW]


def test_over_the_pieces_of_a_text() -> None:
    assert _confidences(_PLAIN, ids='request.GET["ids"].split(",")') == [Confidence.MEDIUM]
    split = _PLAIN.replace("in ids", 'in ids.split(",")')
    assert _confidences(split, ids='request.GET["ids"]') == [Confidence.LOW]


@pytest.mark.parametrize(
    "expense",
    [
        "Order.objects.create(person=person)",
        "person.save()",
        "person.delete()",
        'requests.post("https://mail.example.com", data=person.name, timeout=5)',
        'subprocess.run(["notify", person.name], check=True)',
        "open(person.name).close()",
        "tell(person)",
        "Order.objects.get_or_create(person=person)",
    ],
)
def test_where_each_element_costs_more_than_the_query(expense: str) -> None:
    body = f"""
    def names(ids):
        for id in ids:
            person = Person.objects.get(pk=id)
            {expense}


    def tell(person):
        requests.post("https://mail.example.com", data=person.name, timeout=5)
"""
    assert set(_confidences(body)) == {Confidence.LOW}


def test_a_lock_per_element() -> None:
    body = """
    def names(ids):
        for id in ids:
            Person.objects.select_for_update().get(pk=id)
"""
    assert _confidences(body) == [Confidence.LOW]
