"""A LINE platform on this machine: for trying the bot in a browser, and for all tests.

It obeys the rules of LINE's own documentation; nothing it does leaves the machine.
"""

from bot.simulator.api import messaging_api
from bot.simulator.faults import FaultKind
from bot.simulator.handles import ResidentHandle
from bot.simulator.model import Entry, Friendship, RefusedError, Side
from bot.simulator.pages import simulator_app
from bot.simulator.platform import ApiRequest, Platform
from bot.simulator.server import SimulatorServer
from bot.simulator.settings import PlatformSettings
from bot.simulator.webhook import Delivery, Reason, signature
from bot.simulator.wire import HangingUpProtocol

__all__ = [
    "ApiRequest",
    "Delivery",
    "Entry",
    "FaultKind",
    "Friendship",
    "HangingUpProtocol",
    "Platform",
    "PlatformSettings",
    "Reason",
    "RefusedError",
    "ResidentHandle",
    "Side",
    "SimulatorServer",
    "messaging_api",
    "signature",
    "simulator_app",
]
