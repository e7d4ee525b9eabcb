"""The one small language that Python, ECMAScript and Go sources are lowered to."""
