// On every page: htmx with server-sent events, and the small behaviours that markup
// asks for with data- attributes. All of it adds to pages that work without.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { arrows } from "./behaviours/arrows";
import { patches } from "./behaviours/patches";
import { install } from "./behaviours/worker";
import { onward } from "./behaviours/onward";
import { opening } from "./behaviours/opening";
import { keepTimes } from "./behaviours/times";
import { menus } from "./behaviours/menus";
import { clicks, prepare } from "./behaviours/controls";
import { connection } from "./behaviours/connection";

const root = document.documentElement;
root.dataset.script = "yes";
if (window.PublicKeyCredential) root.dataset.passkeys = "yes";

patches(htmx);
clicks();
menus();
arrows();
keepTimes();
opening();
onward();
connection();
htmx.onLoad((element) => prepare(element as HTMLElement));
install();
