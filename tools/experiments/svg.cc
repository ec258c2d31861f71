// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/svg.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/experiments/markup.h"

namespace slotwise {
namespace {

// Of a character of the sans-serif fonts of the usual systems, at the size of the style sheet.
constexpr double kCharacterWidth = 6.4;
constexpr double kNameWidthMax = 240;

// To a tenth of a pixel, in as few characters as possible.
std::string Pixels(double value) { return absl::StrCat(std::round(value * 10) / 10 + 0.0); }

std::string Tooltip(std::string_view text) {
  return text.empty() ? std::string() : Element("title", {}, EscapeMarkup(text));
}

const char* AnchorName(SvgAnchor anchor) {
  switch (anchor) {
    case SvgAnchor::kStart:
      return "";
    case SvgAnchor::kMiddle:
      return "middle";
    case SvgAnchor::kEnd:
      return "end";
  }
  return "";
}

bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

std::string SvgRectangle(const SvgBox& box, const std::string& style, std::string_view tooltip) {
  return Element("rect",
                 {{"class", style},
                  {"x", Pixels(box.x)},
                  {"y", Pixels(box.y)},
                  {"width", Pixels(box.width)},
                  {"height", Pixels(box.height)}},
                 Tooltip(tooltip));
}

std::string SvgLine(SvgPoint from, SvgPoint to, const std::string& style, std::string_view tooltip) {
  return Element(
      "line",
      {{"class", style}, {"x1", Pixels(from.x)}, {"y1", Pixels(from.y)}, {"x2", Pixels(to.x)}, {"y2", Pixels(to.y)}},
      Tooltip(tooltip));
}

std::string SvgCircle(SvgPoint centre, double radius, const std::string& style, std::string_view tooltip) {
  return Element("circle",
                 {{"class", style}, {"cx", Pixels(centre.x)}, {"cy", Pixels(centre.y)}, {"r", Pixels(radius)}},
                 Tooltip(tooltip));
}

std::string SvgPolyline(const std::string& points, const std::string& style) {
  return Element("polyline", {{"class", style}, {"points", points}});
}

std::string SvgVertex(SvgPoint point) { return absl::StrCat(Pixels(point.x), ",", Pixels(point.y), " "); }

std::string SvgText(SvgPoint at, SvgAnchor anchor, std::string_view text, const std::string& style,
                    std::string_view tooltip) {
  return Element("text",
                 {{"class", style}, {"x", Pixels(at.x)}, {"y", Pixels(at.y)}, {"text-anchor", AnchorName(anchor)}},
                 EscapeMarkup(text) + Tooltip(tooltip));
}

std::string SvgName(SvgPoint at, SvgAnchor anchor, std::string_view name, const std::string& style) {
  const std::string shown = SvgTextWithin(name, kNameWidthMax);
  return SvgText(at, anchor, shown, style, shown == name ? "" : name);
}

double SvgNameWidth(std::string_view name) { return std::min(SvgTextWidth(name), kNameWidthMax); }

std::string SvgDrawing(double width, double height, const std::string& label, std::string_view content) {
  return Element("svg",
                 {{"viewBox", absl::StrFormat("0 0 %.0f %.0f", width, height)},
                  {"width", Pixels(width)},
                  {"height", Pixels(height)},
                  {"role", "img"},
                  {"aria-label", label}},
                 content);
}

double SvgTextWidth(std::string_view text) {
  return kCharacterWidth * static_cast<double>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

std::string SvgTextWithin(std::string_view text, double width) {
  if (SvgTextWidth(text) <= width) return std::string(text);
  const auto fits = static_cast<size_t>(std::max(0.0, width / kCharacterWidth - 1));
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    if (BeginsCharacter(text[end]) && characters++ == fits) break;
  }
  return std::string(text.substr(0, end)) + "\u2026";
}

}  // namespace slotwise
