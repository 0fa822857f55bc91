"""Installing in several workspaces: slack-bolt's flow, its state and the bot's token kept by us."""

from __future__ import annotations

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from adapters.escalations.joined import Escalations
from adapters.settings import Slack
from adapters.slack.manifest import SCOPES
from adapters.slack.tokens import STATE_SECONDS, InstallationRows, StateRows
from chatbot.ports import Clock

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"


def install_routes(given: Slack, public_url: str, escalations: Escalations, clock: Clock) -> list[web.AbstractRouteDef]:
    """GET /slack/install and the address that Slack sends back to."""
    engine, vault = escalations.desk.engine, escalations.desk.vault
    flow = AsyncOAuthFlow(
        client=AsyncWebClient(base_url=given.api_url),
        settings=AsyncOAuthSettings(
            client_id=given.client_id,
            client_secret=given.client_secret,
            scopes=list(SCOPES),
            redirect_uri=f"{public_url}{REDIRECT}",
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            installation_store=InstallationRows(engine, vault, clock),
            installation_store_bot_only=True,
            state_store=StateRows(engine, clock),
            state_expiration_seconds=STATE_SECONDS,
        ),
    )

    async def install(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

    async def redirected(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))

    return [web.get(INSTALL, install, name="slack-install"), web.get(REDIRECT, redirected, name="slack-redirect")]
