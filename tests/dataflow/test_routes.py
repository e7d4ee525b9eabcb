"""Routes with the chain of what runs before them, and what the chain protects from."""

from __future__ import annotations

import pytest

from backend_lint.dataflow.routing.protections import Protections
from backend_lint.dataflow.routing.routes import Routes, routes
from tests.linked import linked

EXPRESS = {
    "app.js": """
const express = require("express");
const helmet = require("helmet");
const passport = require("passport");
const rateLimit = require("express-rate-limit");
const users = require("./users");
const { requireAdmin } = require("./auth");
const app = express();
if (process.env.TRUST_PROXY) {
  app.set("trust proxy", true);
}
app.use(helmet());
app.get("/early", (req, res) => res.send("early"));
if (process.env.LIMITED) {
  app.use(rateLimit({ max: 10 }));
}
app.use("/users", passport.authenticate("jwt"), users);
app.use("/admin", requireAdmin);
app.delete("/admin/cache", function purge(req, res) { res.end(); });
app.post("/late", [check, check], asyncHandler(late));
function check(req, res, next) { next(); }
async function late(req, res) { res.end(); }
const asyncHandler = (fn) => (req, res, next) => fn(req, res, next).catch(next);
""",
    "users.js": """
const { Router } = require("express");
const { requireUser } = require("./auth");
const router = Router();
router.route("/:id").all(requireUser).get(show).put(update);
function show(req, res) { res.end(); }
function update(req, res) { res.end(); }
module.exports = router;
""",
    "auth.js": """
exports.requireUser = function requireUser(req, res, next) {
  if (!req.session.userId) {
    return res.sendStatus(401);
  }
  next();
};
exports.requireAdmin = function requireAdmin(req, res, next) {
  if (req.user && req.user.role === "admin") {
    return next();
  }
  res.sendStatus(403);
};
""",
}

NEST = {
    "cats.controller.ts": """
import { Controller, Get, Post, UseGuards, applyDecorators } from "@nestjs/common";
import { AuthGuard } from "@nestjs/passport";
import { RolesGuard, JwtGuard } from "./guards";

export function Auth() {
  return applyDecorators(UseGuards(JwtGuard, RolesGuard));
}

@Controller("cats")
@UseGuards(AuthGuard("jwt"))
export class CatsController {
  @Get(":id")
  one() { return 1; }

  @Post()
  @Auth()
  create() { return 2; }
}
""",
    "guards.ts": """
import { CanActivate, ExecutionContext } from "@nestjs/common";
import { AuthGuard } from "@nestjs/passport";

export class RolesGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest();
    return request.user.roles.includes("admin");
  }
}
export class JwtGuard extends AuthGuard("jwt") {}
""",
    "main.ts": """
import { ValidationPipe } from "@nestjs/common";
async function start(app) {
  app.useGlobalPipes(new ValidationPipe());
}
""",
}

FASTIFY = {
    "app.ts": """
import fastify from "fastify";
const app = fastify();
const known = async (request, reply) => { if (!request.headers.authorization) return reply.code(401).send(); };
app.register(async (scope) => {
  scope.addHook("onRequest", known);
  scope.get("/me", { schema: { querystring: {} } }, async function me(request, reply) { return 1; });
}, { prefix: "/v1" });
app.route({ method: "POST", url: "/open", handler: open });
async function open(request, reply) { return 2; }
""",
}

FLASK = {
    "app.py": """
from flask import Flask
from flask_login import login_required
from users import users

app = Flask(__name__)


@app.before_request
def count():
    pass


@login_required
@app.get("/above")
def above():
    return "x"


@app.post("/below")
@login_required
def below():
    return "x"


app.register_blueprint(users, url_prefix="/users")
""",
    "users.py": """
from flask import Blueprint, abort, session
from flask.views import MethodView

users = Blueprint("users", __name__)


@users.before_request
def known():
    if "user_id" not in session:
        abort(401)


class Users(MethodView):
    def get(self):
        return "x"

    def post(self):
        return "x"


users.add_url_rule("/", view_func=Users.as_view("users"))
""",
}

FASTAPI = {
    "app/main.py": """
from fastapi import APIRouter, Depends, FastAPI

from app.deps import Admin, current_user, session

app = FastAPI()
router = APIRouter(prefix="/items", dependencies=[Depends(current_user)])


@router.get("/{item}")
def one(item: int, db=Depends(session)):
    return item


@router.delete("/{item}")
def remove(item: int, admin: Admin):
    return item


app.include_router(router, prefix="/api")
""",
    "app/deps.py": """
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl="token")


def session():
    yield 1


def current_user(token: str = Depends(scheme)):
    user = find(token)
    if user is None:
        raise HTTPException(401)
    return user


def current_admin(user=Depends(current_user)):
    if not user.is_superuser:
        raise HTTPException(403)
    return user


Admin = Annotated[str, Depends(current_admin)]
""",
}

DJANGO = {
    "shop/urls.py": """
from django.contrib.auth.decorators import login_required
from django.urls import path
from rest_framework.routers import DefaultRouter

from .views import Books, Shelf, index

router = DefaultRouter()
router.register("books", Books)
urlpatterns = [path("", login_required(index)), path("shelf/", Shelf.as_view())]
""",
    "shop/views.py": """
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views import View
from rest_framework.permissions import IsAuthenticated
from rest_framework.viewsets import ViewSet


def index(request):
    return None


class Shelf(LoginRequiredMixin, View):
    def get(self, request):
        return None


class Books(ViewSet):
    permission_classes = [IsAuthenticated]

    def list(self, request):
        return None

    def retrieve(self, request, pk=None):
        return None
""",
}

KOA = {
    "app.js": """
const Koa = require("koa");
const Router = require("@koa/router");
const jwt = require("jsonwebtoken");
const app = new Koa();
const outer = new Router({ prefix: "/api" });
const inner = new Router();
app.use(async (ctx, next) => { console.log(ctx.path); await next(); });
const signed = async (ctx, next) => {
  const payload = jwt.verify(ctx.get("x-value"), KEY, { algorithms: ["HS256"] });
  ctx.state.payload = payload;
  await next();
};
const called = async (ctx, next) => {
  jwt.verify(ctx.get("x-value"), KEY, (error) => {
    if (error) { ctx.throw(401); }
    next();
  });
};
inner.get("/a", signed, async (ctx) => { ctx.body = "a"; }).post("/b", called, async (ctx) => {});
outer.use("/v1", inner.routes());
app.use(outer.routes()).use(outer.allowedMethods());
""",
}

GIN = {
    "main.go": """
package main

import "github.com/gin-gonic/gin"

type Server struct {
	engine *gin.Engine
}

func New() *Server {
	engine := gin.New()
	engine.Use(gin.Recovery())
	return &Server{engine: engine}
}

func (s *Server) Routes() {
	s.engine.GET("/health", health)
	api := s.engine.Group("/api", Require(true))
	books(api.Group("/books"))
	api.Use(Optional)
	api.POST("/last", last)
}

func books(group *gin.RouterGroup) {
	group.GET("/:id", book)
}

func Require(strict bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		user := c.GetHeader("Authorization")
		if user == "" {
			if strict {
				c.AbortWithStatus(401)
			}
			return
		}
		c.Next()
	}
}

func Optional(c *gin.Context) {
	c.Set("user", c.GetHeader("Authorization"))
}

func health(c *gin.Context) {}
func book(c *gin.Context)   {}
func last(c *gin.Context)   {}
""",
}

CHI = {
    "main.go": """
package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/httprate"
)

func auth(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err != nil {
			http.Error(w, "no", 401)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	r := chi.NewRouter()
	r.Use(httprate.LimitByIP(10, 1))
	r.Get("/open", open)
	r.Route("/users", func(r chi.Router) {
		r.Use(auth)
		r.Get("/{id}", user)
	})
	r.With(auth).Post("/one", open)
	mux := http.NewServeMux()
	mux.Handle("GET /plain", auth(http.HandlerFunc(open)))
	http.ListenAndServe(":80", mux)
}

func open(w http.ResponseWriter, r *http.Request) {}
func user(w http.ResponseWriter, r *http.Request) {}
""",
}

TABLES = {
    "express": (
        EXPRESS,
        """
GET /early <closure:1>: helmet (headers)
DELETE /admin/cache purge: helmet (headers), express-rate-limit? (rate-limit), requireAdmin (authentication authorization)
POST /late late: helmet (headers), express-rate-limit? (rate-limit), check, check, asyncHandler
GET /users/:id show: helmet (headers), express-rate-limit? (rate-limit), passport.authenticate (authentication), requireUser (authentication)
PUT /users/:id update: helmet (headers), express-rate-limit? (rate-limit), passport.authenticate (authentication), requireUser (authentication)
""",
    ),
    "nest": (
        NEST,
        """
GET cats/:id CatsController.one: @nestjs/common.ValidationPipe (validation), @nestjs/passport.AuthGuard (authentication)
POST cats CatsController.create: @nestjs/common.ValidationPipe (validation), @nestjs/passport.AuthGuard (authentication), @nestjs/passport.AuthGuard (authentication), RolesGuard.canActivate (authentication authorization)
""",
    ),
    "fastify": (
        FASTIFY,
        """
POST /open open:
GET /v1/me <closure:2>.me: known (authentication), schema (validation)
""",
    ),
    "flask": (
        FLASK,
        """
GET /above above: count
POST /below below: count, flask_login.login_required (authentication)
GET /users/ Users.get: count, known (authentication)
POST /users/ Users.post: count, known (authentication)
""",
    ),
    "fastapi": (
        FASTAPI,
        """
GET /api/items/{item} one: current_user (authentication), fastapi.security.OAuth2PasswordBearer (authentication), session
DELETE /api/items/{item} remove: current_user (authentication), fastapi.security.OAuth2PasswordBearer (authentication), current_admin (authentication authorization), current_user (authentication), fastapi.security.OAuth2PasswordBearer (authentication)
""",
    ),
    "django": (
        DJANGO,
        """
GET books Books.list: rest_framework.permissions.IsAuthenticated (authentication)
GET books/{pk} Books.retrieve: rest_framework.permissions.IsAuthenticated (authentication)
*  index: django.contrib.auth.decorators.login_required (authentication)
GET shelf/ Shelf.get: django.contrib.auth.mixins.LoginRequiredMixin (authentication)
""",
    ),
    "koa": (
        KOA,
        """
GET /api/v1/a <closure:5>: <closure:1>, signed (authentication)
POST /api/v1/b <closure:6>: <closure:1>, called (authentication)
""",
    ),
    "gin": (
        GIN,
        """
GET /health health: github.com/gin-gonic/gin.Recovery
POST /api/last last: github.com/gin-gonic/gin.Recovery, Require.<closure:5> (authentication), Optional
GET /api/books/:id book: github.com/gin-gonic/gin.Recovery, Require.<closure:5> (authentication)
""",
    ),
    "chi": (
        CHI,
        """
GET /open open: github.com/go-chi/httprate.LimitByIP (rate-limit)
POST /one open: github.com/go-chi/httprate.LimitByIP (rate-limit), auth (authentication)
GET /plain open: auth (authentication)
GET /users/{id} user: github.com/go-chi/httprate.LimitByIP (rate-limit), auth (authentication)
""",
    ),
}


@pytest.mark.parametrize("framework", TABLES)
def test_table(framework: str) -> None:
    files, table = TABLES[framework]
    index = linked(files)
    protections = index.shared(Protections)
    found = []
    for route in routes(index):
        chain = []
        for layer in route.chain:
            kinds = " ".join(sorted(protections.of(layer)))
            doubt = "" if layer.always else "?"
            chain.append(f"{layer.label}{doubt}" + (f" ({kinds})" if kinds else ""))
        handler = route.handler.fact.qualified
        found.append(f"{route.method} {route.path} {handler}: {', '.join(chain)}".rstrip())
    assert found == table.strip().splitlines()


def test_functions_that_handlers_run_lead_to_their_routes() -> None:
    index = linked(
        {
            "app.js": """
const express = require("express");
const app = express();
app.get("/a", first);
app.get("/b", second);
function first(req, res) { both(req); once(req); }
function second(req, res) { both(req); other(); }
function both(req) { return inner(req); }
function once(req) {}
function inner(req) { return [1].map(() => req.query.x); }
function other() {}
function lost(req) { other(); }
"""
        }
    )
    known = index.shared(Routes)
    paths = {
        function.fact.qualified: sorted({route.path for route in known.leading_to(function)})
        for function in index.all_functions
    }
    assert paths["first"] == ["/a"]
    assert paths["both"] == paths["inner"] == paths["inner.<closure:6>"] == ["/a", "/b"]
    assert paths["once"] == ["/a"]
    # Another function runs it, too, which nobody knows to be a handler.
    assert paths["other"] == []
