"""The concepts that model rows may name, with the roles and attributes they know.

A rule asks for concepts and roles and never for a library. A row that names another concept, role,
kind or attribute than these is refused by a test.
"""

from __future__ import annotations

import msgspec


class Concept(msgspec.Struct, frozen=True):
    """A concept.

    Attributes:
        meaning: one sentence.
        roles: access paths a row may give, by role, with their meaning.
        attributes: further words a row may give, with their meaning.
    """

    meaning: str
    roles: dict[str, str] = {}
    attributes: dict[str, str] = {}


# What rows say of layers, which run before a handler.
_LAYERS = {
    "goes-on": "where a layer lets a request through: `called`, where it calls what comes next "
    "(the default), `back`, where it comes back, `nothing`, where it gives back nothing, `true`, "
    "where it gives back something true",
    "next": "the position of the parameter that is what comes next, 0 if absent",
    "bare": "with an argument, what comes next answers errors",
    "methods": "the methods that run, of an object that is a layer",
    "before": "further layers, a list of access paths",
    "behind": "layers that run when the schemas were checked, a list of access paths",
    "schemas": "schemas of parts of the request, a list of access paths",
    "parts": "the canonical names of the parts, by their names in such a schema",
    "given-by": "in a mapping that stands for a layer, where the layer stands",
    "inert": "other decorators of handlers are marks, which run nothing",
    "anywhere": "the order of registrations does not matter",
}

CONCEPTS: dict[str, Concept] = {
    "sql-execution": Concept(
        "Runs an SQL statement given as text.",
        {"sql": "the statement", "values": "values bound to its placeholders"},
        {
            "many": "the values are a batch, one run for all of them",
            "lazy": "nothing is sent before a further call asks for the result",
        },
    ),
    "sql-fragment": Concept(
        "Puts raw SQL text into a statement that a query builder makes.",
        {"sql": "the text", "values": "values bound to its placeholders"},
        {
            "position": "what the text is: `statement`, `condition`, `order`, `identifier`, "
            "`columns`"
        },
    ),
    "query": Concept(
        "Sends a query that an ORM or a query builder makes to the database.",
        {"filter": "what selects the rows", "options": "object with limits and the like"},
        {
            "reads": "`many`, `one`, `count`, or `none` for writes",
            "writes": "it reads, and stores something where it finds nothing",
            "lazy": "nothing is sent before the result is iterated or awaited",
            "limited-by": "names in `options` that limit the number of rows",
            "harmless": "names in `options` that leave the number of rows as it is",
            "batch": "one statement for many rows by design",
        },
    ),
    "query-start": Concept(
        "Begins a query that is built call by call and sent when its end is awaited.",
        {"columns": "a record of what is selected"},
        attributes={"reads": "as of `query`, where no step says otherwise"},
    ),
    "aggregate": Concept("Makes one value of many rows, as what is selected by a query."),
    "literal-key": Concept(
        "A key of a filter under which an object is a value, no operator; the API's name is it."
    ),
    "query-step": Concept(
        "Refines a query that is sent later.",
        {"value": "the value the step is about"},
        {"effect": "`limit`, `filter`, `key-filter`, `columns`, `all-columns`, `one`, `aggregate`"},
    ),
    "sink": Concept(
        "Does harm, of the kinds, with data that others decide. An API that ends in `[]` stands "
        "for what is stored under a name of it.",
        {
            "input": "the data",
            "keyed": "a collection for which the key does harm that it is asked for",
            "program": "a program to start, or a list of it and its arguments; the code that an "
            "interpreter among them is given counts too",
            "arguments": "the arguments of the program",
            "name": "the name under which the input is stored, which does harm if it is dynamic",
            "record": "must be a stored record or the class of one",
        },
        {
            "when": "values that arguments must have, by access path; see `dataflow.conditions`",
            "unless": "values of arguments that make it harmless",
            "shape": "what does harm: `text` (the default), `deep` (what the input holds, too), "
            "`keys` (the names of its fields), `object` (an object of any form in it), "
            "`whole` (the fields of an object as a whole), "
            "`markup` (a text that a browser shows), `host` (the beginning of an address), "
            "`leading` (the beginning of a text), `bare` (a name without a constant part before or "
            "behind), `head` (a text before its first blank line), "
            "`number` (a large number), `choice` (that others chose it, whatever it is)",
            "coerces": "with the shape `number`, a text does harm as well",
            "elements": "with the shape `number`, what the input holds does harm",
            "repeats": "holds for what an operator repeats (`[0] * count`), and what a loop counts "
            "to, as well",
            "after": "methods that prepare the receiver to do harm, with values of their arguments",
            "pattern": "where the regular expression stands, which does harm if it can take "
            "exponentially long",
            "whole": "the regular expression has to match the whole text",
            "called": "only if the result of the call is called in its turn",
            "items": "holds for the name by which a function is taken from a module or an object "
            "of a class, and called, as well",
            "mapping": "holds for mappings with these keys, which are what the API is made of",
            "undone-by": "methods of the result that give back what went in; only if something "
            "else is done with the result",
            "ordinary": "common and harmless but for data of a request, of which alone it is told",
            "confidence": "`medium` or `low` where it does harm in some versions or settings only",
            "names": "only these names, in lower case, of those stored",
            "foreign": "only if it is no function of the project",
            "named": "a dynamic name under which something is stored does harm itself",
            "sniffed": "the type of the content is told from its beginning",
            "console": "it writes to the terminal of whoever started the program",
            "sent-by": "`receiver` or `result`: what is called, or is handed the result, does the "
            "harm, and none if it was made with a function that looks at what it is asked for",
            "late": "with `sent-by`, names of functions of it that look only at what comes later",
            "refuses": "it is on its guard against harm in data that has these names",
        },
    ),
    "response-type": Concept(
        "Says what type the content of the response has.",
        {"type": "the type, or a text with it"},
        {"when": "values that arguments must have, by access path"},
    ),
    "remote-input": Concept(
        "Data that whoever sends the request or message decides.",
        {"target": "the argument that is filled with it; the value itself if absent"},
        {
            "text": "always a text, or holds only texts",
            "fields": "an object with what was sent in its fields, no text itself",
            "leaves": "its fields hold texts and numbers, or objects that are not the client's",
            "segment": "a segment of the path, so without a slash",
            "file-names": "uploaded files, of which these fields are names of files",
            "subject": "what messages call it",
            "reads": "the canonical name of another reader of the same",
            "path-parameters": "parameters of the path, which a handler has as its own, too",
        },
    ),
    "request-sender": Concept(
        "A method of this name is handed requests that the program sends, not those it is sent.",
        attributes={"makes": "a function that makes such a request"},
    ),
    "injection": Concept("Gives a parameter the result of the function in its first argument."),
    "route": Concept(
        "Makes functions answer requests.",
        {
            "path": "the path pattern",
            "handler": "the functions, the last one answers and the others are layers before it",
            "methods": "the HTTP methods, where they are an argument",
        },
        {
            "before": "further layers, a list of access paths",
            "behind": "layers that run when the schemas were checked, a list of access paths",
            "schema-by": "the method, before in the chain of calls, that was given the schema of a "
            "part of the request",
            "schema-of": "the canonical name of that part",
            "schemas": "schemas of parts of the request, a list of access paths",
            "actions": "methods of a class of handlers that answer, with their HTTP methods, each "
            "perhaps with a path below that of the route",
            "method": "the HTTP method, `*` for any",
            "parameters": "types of the handler's parameters, where the language declares none",
            "decorates": "applied as a decorator, the decorated function answers",
            "decorates-class": "applied as a decorator, the methods `get`, `post` and the like of "
            "the decorated class answer",
            "remote-parameters": "the handler's own parameters come from the request",
            "view": "the method that makes a class of `get`, `post` and the like answer",
            "class": "decorates a class whose other decorated methods answer",
            "segments": "a parameter in the path is one segment of it, without a slash",
            "answers": "taint kinds for which what the function returns is a sink, with the shape",
            "shaped-by": "names of arguments that choose the fields of what is answered",
        },
    ),
    "router": Concept(
        "Makes an object that routes are registered on, below its receiver if that is one.",
        {"path": "prefix of all paths below", "handler": "layers before all routes below"},
        _LAYERS,
    ),
    "mount": Concept(
        "Puts a router below its receiver.",
        {
            "router": "the router",
            "path": "prefix of all paths below",
            "handler": "functions whose parameters have the types of `parameters`",
        },
        {
            **_LAYERS,
            "opened": "the router is made for the function in its place, as its first parameter",
            "wraps": "calls around the router are layers before it",
            "parameters": "types of the handler's parameters, where the language declares none",
        },
    ),
    "middleware": Concept(
        "Makes functions see requests on their way to the routes of its receiver. A field or a "
        "method of a class of handlers, as API, is for the routes of that class.",
        {
            "handler": "the functions",
            "path": "prefix of the paths that are meant",
            "given": "the name of a part of the request that the functions are handed, too",
            "paths": "several prefixes, or classes of handlers",
        },
        {
            **_LAYERS,
            "parameters": "types of the handler's parameters, where the language declares none",
            "decorates": "applied as a decorator, the decorated function is the middleware",
            "marks": "applied as a decorator, the decorated function or class gets the layers",
            "given": "the position of the parameter that is that part",
            "reads": "the canonical name of what that part is taken from",
            "everywhere": "for all routes of the project, with the prefixes",
            "excepted-by": "the method that was given routes which are not meant",
            "applied-by": "the method that was given the functions, before in the chain of calls",
            "entries": "lists of settings that may give a layer, by access path",
            "named-by": "in such a setting, the name of what it is",
            "named": "names of those that give a layer",
            "given-by": "in such a setting, where the layer stands",
            "when": "values that arguments must have, as of a sink",
        },
    ),
    "subscription": Concept(
        "Has functions called with what arrives, for as long as a connection or a request lasts.",
        {"handler": "the functions"},
        {
            "parameters": "types of the handler's parameters, where the language declares none",
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which nothing arrives",
        },
    ),
    "layer-form": Concept(
        "A type of routers; how layers of its routes let requests through.", attributes=_LAYERS
    ),
    "continuation": Concept("Runs what comes behind a layer."),
    "request-store": Concept(
        "Keeps a value with the request, for whoever comes behind. An API that ends in `[]` stands "
        "for what is stored under a name of it.",
        {"key": "the name", "value": "the value"},
        {"place": "where it is kept, if not with the request: `session`"},
    ),
    "request-load": Concept(
        "Gives what is kept with the request.",
        {"key": "the name"},
        {"place": "as of `request-store`"},
    ),
    "request-end": Concept("Ends the request, so that what comes behind a layer is not run."),
    "principal": Concept("Who is logged in, as the framework or a layer before keeps it."),
    "protection": Concept(
        "A layer that protects routes, of the kinds `authentication`, `authorization`, "
        "`rate-limit`, `validation`, `csrf`, `headers`."
    ),
    "remote-parameter": Concept(
        "Decorates a parameter that is filled from the request.",
        attributes={
            "reads": "the canonical name of what the named part of it is taken from",
            "pipe": "the method of further arguments that makes what the parameter is given",
            "typed": "what is not of the declared type is refused",
        },
    ),
    "service-type": Concept(
        "A base class, generated for a service, whose methods are called by other machines. A `*` "
        "in its name stands for any text.",
        attributes={
            "parameters": "how many parameters such a method has",
            "parameter": "the position of the message among them",
            "beside": "the message has a type of the same package, other methods have not",
            "text": "as of `remote-input`",
        },
    ),
    "filled-methods": Concept(
        "A base class whose methods of some names are given data of the request.",
        attributes={
            "methods": "patterns of the names of those methods",
            "parameter": "the position of the data among the parameters, all of them if absent: "
            "groups of the pattern beside which the class is registered",
            "prefix": "what stands in those names before that of the field that is given",
            "text": "as of `remote-input`",
            "fields": "as of `remote-input`",
            "leaves": "as of `remote-input`; the class declares the fields",
        },
    ),
    "service-message": Concept(
        "A type, generated for a service, of the message that its methods are handed. A `*` in its "
        "name stands for any text.",
        attributes={
            "parameters": "how many parameters such a method has",
            "parameter": "the position of the message among them",
            "text": "as of `remote-input`",
        },
    ),
    "request-members": Concept(
        "An object that goes with one request from layer to layer, for what these tell each other."
    ),
    "remote-directive": Concept(
        "A text that, as a statement, lets clients call the function it stands in, or those that "
        "the file exports which it begins; the API is the text."
    ),
    "field-resolver-type": Concept(
        "A class whose methods answer fields of a GraphQL schema.",
        attributes={
            "methods": "patterns of the names of those methods",
            "after": "names of the parameter behind which the arguments of the field stand",
            "own-name": "the name is that of the class itself, as generators of code write it",
            "text": "as of `remote-input`",
        },
    ),
    "field-resolvers": Concept(
        "Is given the functions that answer fields of a GraphQL schema.",
        {"resolvers": "the functions, in mappings by type and field, or lists of such"},
        {"parameter": "the position of the arguments of the field among their parameters"},
    ),
    "response": Concept(
        "Sends data as the answer of a request.",
        {"body": "the data", "shown": "what a template of the page is given"},
        {
            "type": "of the content",
            "objects": "an object given as the body is sent with all its fields",
            "when": "values that arguments must have for `objects` to hold, as of a sink",
        },
    ),
    "password-hash": Concept(
        "Makes or checks a password hash that is slow on purpose.", {"password": "the password"}
    ),
    "digest": Concept(
        "Makes a digest that is fast, so unfit for passwords.",
        {"input": "what is digested"},
        {"update": "`input` is fed into the digest object that is the receiver"},
    ),
    "record-write": Concept(
        "Stores a record.",
        {"record": "the fields: keyword arguments, a mapping, or an object"},
    ),
    "record-lookup": Concept(
        "Looks records up by their fields.",
        {"fields": "the fields: keyword arguments, or a mapping"},
    ),
    "field-constructor": Concept(
        "A base class or decorator of classes that are made of their fields, in order."
    ),
    "record-type": Concept(
        "A base class or decorator that makes a class a stored record.",
        attributes={"keyword": "only with this argument in the class statement"},
    ),
    "record-read": Concept(
        "Gives stored records.",
        {
            "class": "the class of the records; what the receiver is of if absent",
            "statement": "a query that another call made, which has the class",
        },
        {"narrowed-by": "arguments that choose the fields which are read, by access path"},
    ),
    "record-definition": Concept(
        "Declares the fields of a record by a mapping; of the receiver if that is a class.",
        {"fields": "the mapping", "definition": "another such declaration", "options": "options"},
        {"shaping": "names of options that may decide what is written of the record"},
    ),
    "record-shaping": Concept("Changes what is written of the records declared in the same file."),
    "record-form": Concept(
        "Gives stored records as they are, or as objects with all their fields."
    ),
    "hidden-field": Concept(
        "Declares that a field of a record is not read with the others or not written out.",
        attributes={
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which it is written out",
        },
    ),
    "answer-shaping": Concept(
        "Changes what routes answer: decorated ones, or those that it runs before as a layer."
    ),
    "record-hook": Concept(
        "Registers functions that run before a record is stored or a field of it is set. As a "
        "decorator it registers what it decorates; of a class, its methods, for the records that "
        "one of them gives back.",
        {
            "record": "the record, its model or its schema",
            "handler": "the functions, or what holds them",
        },
    ),
    "sanitizer": Concept(
        "Its result is safe for the kinds, whatever went in.",
        {"input": "what is made safe, all arguments if absent"},
        {
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which it is not",
            "removes": "access path of the pattern whose matches it replaces, so that it is safe",
            "puts": "access path of what stands in place of them",
        },
    ),
    "guard": Concept(
        "True only if its input is safe for the kinds.",
        {"input": "what is checked", "allowed": "what it is checked against, must be trusted"},
        {
            "elements": "it vouches for the elements or keys of its input, not for the input",
            "negative": "false only if its input is safe",
            "of": "`normalized`: it tells only of an input that went through a normalizer",
            "raises": "it raises instead of being false",
            "characters": "where the pattern stands, which must look for characters of a class",
            "matches": "where the pattern stands, which must limit what a match can be",
            "begins": "the match is at the beginning of the input",
            "whole": "the match is all of the input",
            "when": "values that arguments must have, by access path; see `dataflow.conditions`",
            "unless": "values of arguments with which it tells nothing",
        },
    ),
    "pieces": Concept(
        "Gives all pieces of a text, of which one is what does harm, for the kinds, or none is.",
        {"input": "the text"},
    ),
    "prototype-key": Concept(
        "A key by which every object leads to what all objects share; the name of the API is it."
    ),
    "bare-object": Concept("Makes an object without a prototype.", {"prototype": "its prototype"}),
    "own-key-check": Concept(
        "True only if an object has a key itself.", {"of": "the object", "key": "the key"}
    ),
    "never-returns": Concept("Ends the request or the program: what stands behind is not run."),
    "selection": Concept(
        "Gives the parts of a collection.",
        {"of": "the collection"},
        {
            "part": "`elements`, `values`, `keys`, `entries` (pairs of key and value), or `fields` "
            "(a mapping of all of them)"
        },
    ),
    "normalizer": Concept(
        "Brings its input into a form whose beginning tells where it leads, for the kinds."
    ),
    "part": Concept(
        "A part by which the whole can be judged, for the kinds.",
        attributes={"tells": "it is true or false, and says itself whether the whole is safe"},
    ),
    "propagator": Concept(
        "Its result carries what went in, for the kinds, if it lists some.",
        {"input": "what goes in, all arguments and the receiver if absent"},
        {
            "text": "the first argument is a text that stays what it is",
            "deep": "what it holds is written out, fields and elements too",
            "host": "the element of the input that becomes the host of an address",
            "parses": "it makes objects of a text",
            "format": "the first argument is a format with `%`, the others fill it",
            "fails": "its second result is an error; with `alone`, its only one",
            "appends": "what follows the first argument are elements of the result",
            "makes": "its result is an object of the class that it is called on",
            "when": "values that arguments must have, as of a sink",
            "normalizes": "the first argument stays what it is but for case and space",
        },
    ),
    "trusted-input": Concept("Data that the operator decides: configuration, environment."),
    "text-limit": Concept(
        "Declares a text that must match a pattern, or be one of some.",
        {
            "pattern": "the pattern",
            "choices": "those texts",
            "checks": "checks of the value, of which one may be such",
        },
    ),
    "schema": Concept(
        "A step of a chain that declares what data must look like.",
        {
            "fields": "the schemas of its fields, a mapping",
            "element": "that of its elements",
            "check": "a function that is true for what is let through",
        },
        {
            "checked": "what it lets through carries no harm: a number, one of a few texts",
            "text": "it lets texts through, of any form",
            "open": "it lets more through than the steps before it say",
            "closed": "it lets no fields through but those",
            "when": "values that arguments must have, as of a sink",
        },
    ),
    "schema-part": Concept(
        "The name of a part of a request in a mapping of schemas.",
        attributes={"part": "the name as text"},
    ),
    "validation": Concept(
        "Checks data against a schema.",
        {"schema": "the schema", "input": "the data"},
        {
            "raises": "it raises where the data does not fit",
            "ok": "the field of its result that is true if it does",
            "error": "the field of its result that is empty if it does",
            "errors": "its result is empty if it does",
            "valid": "its result is true if it does",
            "data": "the field of its result that is the data, empty for the result itself",
        },
    ),
    "request-schema": Concept(
        "Makes a layer that checks parts of the request, or one.",
        {"schemas": "their schemas, a mapping; or its schema", "part": "the name of the one"},
        {
            "parts": "the canonical names of the parts, by their names in the mapping",
            "reads": "the canonical name of what the one part is taken from",
        },
    ),
    "parsed-parameters": Concept(
        "Decorates a handler that is given what a schema let through.",
        {"schema": "the schema"},
        {"each": "each field is a parameter"},
    ),
    "field-schema": Concept(
        "Makes a layer that notes what is wrong with a field of the request.",
        {"field": "the name of the field"},
        {"reads": "canonical names of what the field may be taken from"},
    ),
    "validation-outcome": Concept(
        "Tells whether something was wrong with the fields of the request.",
        attributes={"raises": "it raises then", "valid": "it is true if nothing was"},
    ),
    "number-limit": Concept(
        "Declares a number that may not be larger than another.",
        {"most": "the other number", "checks": "checks of the value, of which one may be such"},
    ),
    "validated-type": Concept(
        "A base class of objects that hold the declared fields and no others."
    ),
    "field-check": Concept(
        "Decorates a method of a class that checks, or changes, the value of some of its fields.",
        {"fields": "the names of the fields"},
    ),
    "scalar-type": Concept("A type whose values carry no text."),
    "bounded-type": Concept("A type whose values are no large numbers."),
    "text-type": Concept("A type whose values are checked to be text where a request is read."),
    "iteration": Concept(
        "Calls a function once per element of its receiver or an argument.",
        {"callback": "the function", "over": "the elements, the receiver if absent"},
        {
            "result": "`mapped` if the result holds what the function gave, `joined` if it "
            "holds what these held, `kept` if the elements "
            "for which it was true; `all` or `any` if it tells whether it was true for them; "
            "`found` if it is the first for which it was; `folded` if it makes one value of all"
        },
    ),
    "deferred-call": Concept(
        "Calls a function, now or later.",
        {
            "function": "the function",
            "given": "its arguments; those that stand after the function if absent",
            "arguments": "a list of its arguments",
        },
    ),
    "awaited-call": Concept(
        "Calls a function with what its receiver will be.", {"callback": "the function"}
    ),
    "wrapper": Concept(
        "Its result is called as the function in its first argument is.",
        attributes={"unscoped": "and handed the router of whoever it is registered on"},
    ),
    "quote-doubling": Concept(
        "Gives a text in which every quote is two, so that none ends a literal of SQL.",
        attributes={
            "quote": "the quote, a single one if absent",
            "when": "values that arguments must have, as of a sink",
        },
    ),
    "module-loader": Concept(
        "Loads a module whose name is known only when the program runs: nobody knows what it holds."
    ),
    "background-task": Concept(
        "Decorates a function so that calling it queues a job that runs later."
    ),
    "pagination": Concept(
        "Its mere use by a route limits what the route returns.", {"input": "what is paginated"}
    ),
    "paginated-type": Concept("A type of results that are a page."),
    "form-class": Concept(
        "A base class of what fills records from a request, whose inner class says which fields.",
        attributes={
            "inner": "the name of the inner class",
            "record": "its field that holds the class of the records",
            "fields": "its field with the names of the fields",
            "excluded": "its field with those left out, which leaves all others in",
            "unset": "its field with those that a request does not set",
            "data": "the argument that fills it; without it, it only shows records",
        },
    ),
    "page-class": Concept(
        "A base class of what cuts lists into pages, whose size the client may choose.",
        attributes={
            "asked-by": "the field that names the parameter of the request with the size",
            "asked": "there is such a parameter where the class does not name it",
            "maximum": "the field that holds the largest size",
            "decided-by": "the method that a class may have to decide the size itself",
        },
    ),
    "unverified-token": Concept(
        "Reads a signed token without checking its signature.",
        {"token": "the token"},
        {
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which it checks it",
        },
    ),
    "token-verification": Concept(
        "Checks the signature of a token.",
        {"token": "the token", "algorithms": "the algorithms that it accepts, or one"},
        {
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which it checks no signature",
        },
    ),
    "archive-extraction": Concept(
        "Unpacks an archive into the files that the names in it say.",
        attributes={
            "when": "values that arguments must have, as of a sink",
            "unless": "values of arguments with which it refuses names that lead elsewhere",
            "looks-at": "members of the archive that give its entries",
        },
    ),
    "token-header": Concept("Reads what a token says of itself, unchecked."),
    "open-verification": Concept(
        "Checks the signature of a token by the algorithm that the token names.",
        {
            "key": "the key",
            "key-function": "a function that gives the key and may look at the algorithm",
        },
        {
            "unless": "values of arguments with which the algorithms are limited",
            "looks-at": "names of what a key function looks at to check the algorithm",
            "confidence": "`low` where the library takes no key for an algorithm of another sort, "
            "`medium` where it may; if absent, it may where the key is a public one",
        },
    ),
    "unsigned-token": Concept(
        "Makes or accepts tokens without a signature.",
        attributes={"when": "values that arguments must have, as of a sink"},
    ),
    "secret-use": Concept("Signs, decrypts or logs in with a secret.", {"secret": "the secret"}),
}
