// Draws Flex containers and templates. Measures follow LINE's reference ("Flex Message elements", "layout").

import { h, icon } from "./dom.js";

const SIZES = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 386 };
const FONT = { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 };
const GAP = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
const BORDER = { none: 0, light: 0.5, normal: 1, medium: 2, "semi-bold": 3, bold: 4 };
const IMAGE = { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 };
const COLOUR = /^#([0-9a-f]{6}|[0-9a-f]{8})$/i;
const SAFE_URI = /^(https?:|tel:)/i;

const px = (value, table = GAP) =>
  value === undefined
    ? undefined
    : value in table
      ? `${table[value]}px`
      : /^\d+(\.\d+)?(px|%)$/.test(value)
        ? value
        : undefined;
const colour = (value) => (COLOUR.test(value ?? "") ? value : undefined);

function place(node, part, direction) {
  const style = node.style;
  if (part.margin) style[direction === "vertical" ? "marginTop" : "marginInlineStart"] = px(part.margin) ?? "";
  if (part.position === "absolute") style.position = "absolute";
  else if (part.offsetTop || part.offsetBottom || part.offsetStart || part.offsetEnd) style.position = "relative";
  style.top = px(part.offsetTop) ?? "";
  style.bottom = px(part.offsetBottom) ?? "";
  style.insetInlineStart = px(part.offsetStart) ?? "";
  style.insetInlineEnd = px(part.offsetEnd) ?? "";
  return node;
}

function stretch(node, part, direction) {
  const grows = ["box", "text", "button", "image", "filler"].includes(part.type);
  const flex = part.flex ?? (part.width && part.type === "box" ? 0 : direction !== "vertical" && grows ? 1 : 0);
  if (part.type === "filler") node.style.flex = "1 0 0";
  else if (direction === "vertical") node.style.flex = flex > 0 ? `${flex} 0 auto` : "0 0 auto";
  else node.style.flex = flex > 0 ? `${flex} 0 0` : "0 0 auto";
  node.style.minWidth = "0";
}

function align(node, part, direction) {
  const self = { top: "flex-start", center: "center", bottom: "flex-end" }[part.gravity];
  if (self && direction !== "vertical") node.style.alignSelf = self;
}

// What a press does is decided by the talk; only real links are links.
function pressable(inner, action, press, props = {}) {
  if (!action) return inner;
  if (action.type === "uri" && SAFE_URI.test(action.uri)) {
    const away = action.uri.startsWith("http") ? { target: "_blank", rel: "noopener noreferrer" } : {};
    return h("a", { href: action.uri, "aria-label": props.label, class: props.class, ...away }, inner);
  }
  return h(
    "button",
    { type: "button", "aria-label": props.label, class: props.class, onclick: () => press(action) },
    inner,
  );
}

function text(part, press) {
  const node = h("div", { class: "fx-text" });
  const spans = part.contents ?? [];
  if (spans.length) node.append(...spans.map((span) => looks(h("span", {}, span.text ?? ""), span)));
  else node.append(part.text ?? "");
  looks(node, part);
  node.style.textAlign = part.align ?? "start";
  if (part.wrap) node.classList.add("fx-wrap");
  if (part.wrap && part.maxLines) {
    node.classList.add("fx-lines");
    node.style.webkitLineClamp = String(part.maxLines);
  }
  if (part.lineSpacing) node.style.lineHeight = `calc(1.4em + ${px(part.lineSpacing) ?? "0px"})`;
  return part.action ? pressable(node, part.action, press, { class: "fx-plain" }) : node;
}

function looks(node, part) {
  const style = node.style;
  if (part.size) style.fontSize = px(part.size, FONT) ?? "";
  if (colour(part.color)) style.color = part.color;
  if (part.weight === "bold") style.fontWeight = "700";
  if (part.style === "italic") style.fontStyle = "italic";
  if (part.decoration) style.textDecoration = part.decoration;
  return node;
}

function button(part, press) {
  const kind = part.style ?? "link";
  const label = part.action?.label ?? "";
  const node = pressable(h("span", {}, label), part.action, press, {
    class: `fx-button fx-${kind} fx-${part.height ?? "md"}`,
  });
  if (colour(part.color)) node.style[kind === "link" ? "color" : "backgroundColor"] = part.color;
  return node;
}

// Pictures from elsewhere are not fetched: nothing leaves the machine. A frame of the right shape stands for them.
function image(part, press) {
  const own = part.url?.startsWith(location.origin);
  const inner = own
    ? h("img", { src: part.url, alt: part.action?.label ?? "", class: "fx-img" })
    : h("span", { class: "fx-frame", role: "img", "aria-label": "画像" }, icon("image"));
  const [width, height] = (part.aspectRatio ?? "1:1").split(":").map(Number);
  inner.style.aspectRatio = `${width} / ${height}`;
  if (own) inner.style.objectFit = part.aspectMode === "cover" ? "cover" : "contain";
  const size = part.size ?? "md";
  const node = pressable(inner, part.action, press, { class: "fx-plain", label: part.action?.label ?? "画像" });
  const holder = h("div", { class: "fx-image" }, node);
  inner.style.width = size === "full" ? "100%" : (px(size, IMAGE) ?? "100px");
  holder.style.textAlign = part.align ?? "center";
  if (colour(part.backgroundColor)) inner.style.backgroundColor = part.backgroundColor;
  return holder;
}

function iconPart(part) {
  const node = h("span", { class: "fx-icon", "aria-hidden": "true" });
  node.style.fontSize = px(part.size ?? "md", FONT) ?? "16px";
  return node;
}

function separator(part, direction) {
  const node = h("div", { class: direction === "vertical" ? "fx-rule" : "fx-rule fx-upright", role: "presentation" });
  if (colour(part.color)) node.style.backgroundColor = part.color;
  return node;
}

function box(part, press) {
  const direction = part.layout === "vertical" ? "vertical" : "horizontal";
  const node = h("div", { class: `fx-box fx-${part.layout}` });
  const style = node.style;
  const spacing = part.spacing;
  (part.contents ?? []).forEach((child, position) => {
    const made = place(component(child, press, part.layout), child, direction);
    if (position > 0 && spacing && child.margin === undefined && child.position !== "absolute")
      made.style[direction === "vertical" ? "marginTop" : "marginInlineStart"] = px(spacing) ?? "";
    stretch(made, child, direction);
    align(made, child, direction);
    node.append(made);
  });
  for (const [name, property] of [
    ["paddingAll", "padding"],
    ["paddingTop", "paddingTop"],
    ["paddingBottom", "paddingBottom"],
    ["paddingStart", "paddingInlineStart"],
    ["paddingEnd", "paddingInlineEnd"],
  ])
    if (part[name]) style[property] = px(part[name]) ?? "";
  if (colour(part.backgroundColor)) style.backgroundColor = part.backgroundColor;
  if (part.borderWidth || part.borderColor)
    style.border = `${px(part.borderWidth ?? "normal", BORDER)} solid ${colour(part.borderColor) ?? "transparent"}`;
  if (part.cornerRadius) style.borderRadius = px(part.cornerRadius) ?? "";
  for (const name of ["width", "maxWidth", "height", "maxHeight", "justifyContent", "alignItems"])
    if (part[name]) style[name] = part[name];
  if (
    part.background?.type === "linearGradient" &&
    colour(part.background.startColor) &&
    colour(part.background.endColor)
  )
    style.backgroundImage = `linear-gradient(${Number.parseFloat(part.background.angle) || 0}deg, ${part.background.startColor}, ${part.background.endColor})`;
  const pressed = part.action && !node.querySelector("a, button");
  return pressed ? pressable(node, part.action, press, { class: "fx-plain fx-area" }) : node;
}

function component(part, press, layout) {
  switch (part.type) {
    case "box":
      return box(part, press);
    case "text":
      return text(part, press);
    case "button":
      return button(part, press);
    case "image":
      return image(part, press);
    case "icon":
      return iconPart(part);
    case "separator":
      return separator(part, layout === "vertical" ? "vertical" : "horizontal");
    case "filler":
      return h("div", {});
    default:
      return h("div", { class: "fx-frame" }, icon("video"));
  }
}

function bubble(content, press) {
  const node = h("div", { class: "fx-bubble" });
  node.style.width = `${SIZES[content.size ?? "mega"]}px`;
  node.dir = content.direction ?? "ltr";
  for (const block of ["header", "hero", "body", "footer"]) {
    if (!content[block]) continue;
    const style = content.styles?.[block] ?? {};
    const made = component(content[block], press, "vertical");
    made.classList.add("fx-block", `fx-${block}`);
    if (colour(style.backgroundColor) && !made.style.backgroundColor)
      made.style.backgroundColor = style.backgroundColor;
    if (style.separator) node.append(separator({ color: style.separatorColor }, "vertical"));
    node.append(made);
  }
  const pressed = content.action && !node.querySelector("a, button");
  return pressed ? pressable(node, content.action, press, { class: "fx-plain" }) : node;
}

export function flex(content, press) {
  if (content.type !== "carousel") return bubble(content, press);
  return h(
    "div",
    { class: "fx-carousel", role: "group", "aria-label": "横に並んだカード", tabindex: "0" },
    ...content.contents.map((each) => bubble(each, press)),
  );
}

// A template is a Flex bubble of fixed looks.
export function template(content, press) {
  const links = (content.actions ?? []).map((action) => ({ type: "button", style: "link", height: "sm", action }));
  const words = [];
  if (content.title) words.push({ type: "text", text: content.title, weight: "bold", size: "md", wrap: true });
  words.push({ type: "text", text: content.text ?? "", wrap: true, size: content.title ? "sm" : "md" });
  return bubble(
    {
      type: "bubble",
      size: "kilo",
      hero: content.thumbnailImageUrl
        ? { type: "image", url: content.thumbnailImageUrl, size: "full", aspectRatio: "1.51:1" }
        : undefined,
      body: { type: "box", layout: "vertical", spacing: "md", contents: words },
      footer: { type: "box", layout: content.type === "confirm" ? "horizontal" : "vertical", contents: links },
      styles: { footer: { separator: true } },
    },
    press,
  );
}
