"""Formats of secrets that say themselves what they are: the prefixes and lengths of providers.

Only formats of at least 26 bytes that a provider documents, or that its tokens show without
exception. What is public by design (publishable keys, account ids, browser keys of monitoring
services) is not among them.
"""

from __future__ import annotations

from typing import NamedTuple

from backend_lint.finding import Confidence

_HIGH, _MEDIUM, _LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


class Format(NamedTuple):
    """A format.

    Attributes:
        owner: whose secret it is, as in "This … stands in the source".
        prefix: how it begins, at least two bytes.
        rest: a regular expression for what follows the prefix, to its end.
        confidence: that a text of the format is a live secret.
    """

    owner: str
    prefix: str
    rest: str
    confidence: Confidence = _HIGH


FORMATS = (
    Format("GitHub personal access token", "ghp_", r"[A-Za-z0-9]{36}"),
    Format("GitHub OAuth token", "gho_", r"[A-Za-z0-9]{36}"),
    Format("GitHub app token", "ghu_", r"[A-Za-z0-9]{36}"),
    Format("GitHub app token", "ghs_", r"[A-Za-z0-9]{36}"),
    Format("GitHub refresh token", "ghr_", r"[A-Za-z0-9]{36,76}"),
    Format("GitHub fine-grained token", "github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    Format("GitHub fine-grained token", "github_pat_", r"[A-Za-z0-9_]{82}"),
    Format("GitLab access token", "glpat-", r"[\w-]{20,}(?:\.[\w.]+)?"),
    Format("GitLab trigger token", "glptt-", r"[0-9a-f]{40}"),
    Format("GitLab runner token", "glrt-", r"[\w-]{20,}"),
    Format("GitLab runner token", "GR1348941", r"[\w-]{20}"),
    Format("GitLab deploy token", "gldt-", r"[\w-]{20,}"),
    Format("Slack token", "xoxb-", r"[0-9]{9,}-[0-9A-Za-z-]{20,}"),
    Format("Slack token", "xoxp-", r"[0-9]{9,}-[0-9A-Za-z-]{20,}"),
    Format("Slack token", "xoxa-", r"[0-9A-Za-z-]{20,}"),
    Format("Slack token", "xoxr-", r"[0-9A-Za-z-]{20,}"),
    Format("Slack token", "xoxs-", r"[0-9A-Za-z-]{20,}"),
    Format("Slack token", "xoxe-", r"[0-9A-Za-z-]{20,}"),
    Format("Slack app token", "xapp-", r"[0-9]-[A-Z0-9]+-[0-9]+-[0-9a-z]+"),
    Format("Stripe live key", "sk_live_", r"[0-9a-zA-Z]{16,}"),
    Format("restricted Stripe live key", "rk_live_", r"[0-9a-zA-Z]{16,}"),
    Format("Stripe test key", "sk_test_", r"[0-9a-zA-Z]{16,}", _LOW),
    Format("restricted Stripe test key", "rk_test_", r"[0-9a-zA-Z]{16,}", _LOW),
    Format("Stripe webhook secret", "whsec_", r"[0-9a-zA-Z+/]{32,}={0,2}"),
    Format("Google API key", "AIza", r"[\w-]{35}", _MEDIUM),
    Format("Google OAuth client secret", "GOCSPX-", r"[\w-]{28}"),
    Format("Google OAuth token", "ya29.", r"[\w-]{30,}", _MEDIUM),
    Format("SendGrid API key", "SG.", r"[\w-]{16,32}\.[\w-]{16,64}"),
    Format("Brevo API key", "xkeysib-", r"[0-9a-f]{64}-[0-9A-Za-z]{16}"),
    Format("Mailgun API key", "key-", r"[0-9a-f]{32}"),
    Format("MailerSend API key", "mlsn.", r"[0-9a-f]{64}"),
    Format("npm token", "npm_", r"[A-Za-z0-9]{36}"),
    Format("PyPI token", "pypi-", r"AgEIcHlwaS5vcmc[\w-]{50,}"),
    Format("RubyGems key", "rubygems_", r"[0-9a-f]{48}"),
    Format("Clojars token", "CLOJARS_", r"[0-9a-zA-Z]{60}"),
    Format("Docker Hub token", "dckr_pat_", r"[\w-]{27,}"),
    Format("OpenAI key", "sk-", r"(?:proj-|svcacct-|admin-)?[\w-]{20,}T3BlbkFJ[\w-]{20,}"),
    Format("OpenAI key", "sk-proj-", r"[\w-]{40,}"),
    Format("API key", "sk-", r"[A-Za-z0-9]{48}", _MEDIUM),
    Format("Anthropic API key", "sk-ant-", r"(?:api|admin|sid|oat)[0-9]{2}-[\w-]{80,}"),
    Format("OpenRouter API key", "sk-or-v1-", r"[0-9a-f]{64}"),
    Format("Hugging Face token", "hf_", r"[A-Za-z]{34}"),
    Format("Groq API key", "gsk_", r"[A-Za-z0-9]{52}"),
    Format("xAI API key", "xai-", r"[A-Za-z0-9]{80}"),
    Format("Perplexity API key", "pplx-", r"[A-Za-z0-9]{48,}"),
    Format("DigitalOcean token", "dop_v1_", r"[0-9a-f]{64}"),
    Format("DigitalOcean OAuth token", "doo_v1_", r"[0-9a-f]{64}"),
    Format("DigitalOcean refresh token", "dor_v1_", r"[0-9a-f]{64}"),
    Format("Shopify access token", "shpat_", r"[0-9a-fA-F]{32}"),
    Format("Shopify access token", "shpca_", r"[0-9a-fA-F]{32}"),
    Format("Shopify access token", "shppa_", r"[0-9a-fA-F]{32}"),
    Format("Shopify shared secret", "shpss_", r"[0-9a-fA-F]{32}"),
    Format("Square access token", "sq0atp-", r"[\w-]{22}"),
    Format("Square client secret", "sq0csp-", r"[\w-]{43}"),
    Format("Square access token", "EAAA", r"[\w-]{60}", _MEDIUM),
    Format("Heroku API key", "HRKU-", r"[\w-]{36,}"),
    Format("Databricks token", "dapi", r"[0-9a-f]{32}(?:-[0-9])?"),
    Format("Doppler token", "dp.pt.", r"[A-Za-z0-9]{43}"),
    Format("Grafana service account token", "glsa_", r"[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    Format("Grafana Cloud token", "glc_", r"[A-Za-z0-9+/]{32,}={0,2}"),
    Format("Grafana API key", "eyJrIjoi", r"[A-Za-z0-9]{70,}={0,2}"),
    Format("Vault token", "hvs.", r"[\w-]{90,}"),
    Format("Vault batch token", "hvb.", r"[\w-]{100,}"),
    Format("Linear API key", "lin_api_", r"[A-Za-z0-9]{40}"),
    Format("Notion token", "ntn_", r"[A-Za-z0-9]{40,}"),
    Format("New Relic user key", "NRAK-", r"[A-Z0-9]{27}"),
    Format("PlanetScale token", "pscale_tkn_", r"[\w=.-]{32,64}"),
    Format("PlanetScale password", "pscale_pw_", r"[\w=.-]{32,64}"),
    Format("PlanetScale OAuth token", "pscale_oauth_", r"[\w=.-]{32,64}"),
    Format("Postman API key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    Format("Prefect API key", "pnu_", r"[A-Za-z0-9]{36}"),
    Format("Pulumi token", "pul-", r"[0-9a-f]{40}"),
    Format("ReadMe API key", "rdme_", r"[a-z0-9]{70}"),
    Format("Sentry token", "sntrys_", r"[\w+/=-]{60,}"),
    Format("Sentry token", "sntryu_", r"[0-9a-f]{64}"),
    Format("Shippo live token", "shippo_live_", r"[0-9a-f]{40}"),
    Format("Shippo test token", "shippo_test_", r"[0-9a-f]{40}", _LOW),
    Format("Supabase token", "sbp_", r"[0-9a-f]{40}"),
    Format("Netlify token", "nfp_", r"[A-Za-z0-9]{36,}"),
    Format("Figma token", "figd_", r"[\w-]{40,}"),
    Format("Tailscale key", "tskey-", r"(?:api|auth|client)-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
    Format("Atlassian API token", "ATATT3", r"[\w=-]{100,}"),
    Format("Dynatrace token", "dt0c01.", r"[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}"),
    Format("EasyPost key", "EZAK", r"[A-Za-z0-9]{54}"),
    Format("EasyPost test key", "EZTK", r"[A-Za-z0-9]{54}", _LOW),
    Format("Duffel live token", "duffel_live_", r"[\w=-]{43}"),
    Format("Duffel test token", "duffel_test_", r"[\w=-]{43}", _LOW),
    Format("Flutterwave secret key", "FLWSECK-", r"[0-9a-f]{32}-X"),
    Format("Flutterwave test key", "FLWSECK_TEST-", r"[0-9a-h]{12,32}(?:-X)?", _LOW),
    Format("Adobe client secret", "p8e-", r"[A-Za-z0-9]{32}"),
    Format("Frame.io token", "fio-u-", r"[\w=-]{64}"),
    Format("Typeform token", "tfp_", r"[\w.=-]{59}"),
    Format("Contentful token", "CFPAT-", r"[\w-]{43}"),
    Format("Terraform Cloud token", "atlasv1.", r"[\w=-]{60,70}"),
    Format("Yandex API key", "AQVN", r"[\w-]{35,38}"),
    Format("Yandex access key", "YCAJE", r"[\w-]{20,}", _MEDIUM),
    Format("Sourcegraph token", "sgp_", r"(?:[0-9a-f]{16}_)?[0-9a-f]{40}"),
    Format("Buildkite token", "bkua_", r"[0-9a-f]{40}"),
    Format("Replicate token", "r8_", r"[A-Za-z0-9]{37}"),
    Format("Resend API key", "re_", r"[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    Format("age secret key", "AGE-SECRET-KEY-1", r"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    Format("Twilio API key", "SK", r"[0-9a-f]{32}", _MEDIUM),
)
