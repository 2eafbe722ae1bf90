#include "base/masking.h"

#include <algorithm>
#include <array>

#include "base/masking_forms.h"

namespace venturi {
namespace {

constexpr std::string_view replacement = "***";

constexpr auto word_bytes = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    table[c] = c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  return table;
}();

bool is_word(char c) {
  return word_bytes[static_cast<unsigned char>(c)];
}

}  // namespace

void Masker::add(std::string_view secret) {
  if (insert(secret)) rebuild();
}

void Masker::add(std::span<const std::string> secrets) {
  bool changed = false;
  for (const std::string& secret : secrets) changed = insert(secret) || changed;
  if (changed) rebuild();
}

bool Masker::insert(std::string_view secret) {
  bool changed = false;
  const bool field_only = masked_as_field_only(secret);
  for (std::string& form : masked_forms(secret)) {
    const auto at = std::ranges::lower_bound(patterns_, form, {}, &MaskPattern::bytes);
    if (at == patterns_.end() || at->bytes != form) {
      patterns_.insert(at, {std::move(form), field_only});
      changed = true;
    } else if (at->field_only && !field_only) {
      at->field_only = false;
      changed = true;
    }
  }
  return changed;
}

void Masker::rebuild() {
  automaton_ = MaskAutomaton(patterns_);
  std::size_t longest = 0;
  longest_field_ = 0;
  for (const MaskPattern& pattern : patterns_) {
    longest = std::max(longest, pattern.bytes.size());
    if (pattern.field_only) longest_field_ = std::max(longest_field_, pattern.bytes.size());
  }
  max_held_ = 4 * longest + longest_field_ + 2;
}

Masker::Scan Masker::scan(std::string_view bytes, bool at_end) const {
  if (patterns_.empty()) return {std::string(bytes), bytes.size()};

  // Overlapping matches form chains: starts and ends increase, and of three matches the outer two do not overlap. What a chain
  // covers is one masked stretch, and every later match covers what is masked behind its own start: a chain can be cut there.
  std::vector<Match> matches;
  MaskAutomaton::Node node = MaskAutomaton::root;
  for (std::size_t i = 0; i < bytes.size();) {
    if (node == MaskAutomaton::root) {
      while (i < bytes.size() && !automaton_.begins_pattern(static_cast<unsigned char>(bytes[i]))) ++i;
      if (i == bytes.size()) break;
    }
    node = automaton_.step(node, static_cast<unsigned char>(bytes[i++]));
    if (!automaton_.matches(node)) continue;

    std::size_t length = automaton_.longest(node);
    const bool field_may_end = i < bytes.size() ? !is_word(bytes[i]) : at_end;
    for (auto field = automaton_.field(node); field_may_end && automaton_.depth(field) > length;
         field = automaton_.next_field(field)) {
      const std::size_t start = i - automaton_.depth(field);
      if (start == 0 || !is_word(bytes[start - 1])) length = automaton_.depth(field);
    }
    if (length == 0) continue;
    const std::size_t start = i - length;
    while (!matches.empty() && matches.back().start >= start) matches.pop_back();
    while (matches.size() >= 2 && matches[matches.size() - 2].end > start) matches.pop_back();
    matches.push_back({start, i});
  }

  Scan result;
  result.consumed = at_end ? bytes.size() : stop(bytes, bytes.size() - automaton_.undecided(node), matches);
  result.clean.reserve(result.consumed);
  std::size_t copied = 0;
  for (std::size_t i = 0; i < matches.size() && matches[i].start < result.consumed; ++i) {
    if (copied < matches[i].start) result.clean += bytes.substr(copied, matches[i].start - copied);
    copied = matches[i].end;
    // "***" stands for the end of a chain. A chain that was cut gets it when its end is consumed.
    const bool chain_goes_on = i + 1 < matches.size() && matches[i + 1].start < matches[i].end;
    if (!chain_goes_on) result.clean += replacement;
  }
  if (copied < result.consumed) result.clean += bytes.substr(copied, result.consumed - copied);
  return result;
}

// The last position up to `limit` from which a fresh scan finds what this one found: not inside a match, unless another match
// of its chain starts there; and, where fields count, a position of which a fresh scan need not know the byte before: that byte
// is no word byte, or so many word bytes follow that no field can end among them.
std::size_t Masker::stop(std::string_view bytes, std::size_t limit, const std::vector<Match>& matches) const {
  std::size_t behind = matches.size();  // matches[behind...] start at or behind `position`
  std::size_t word_run = 0;             // word bytes from `position` on
  if (longest_field_ > 0) {
    while (limit + word_run < bytes.size() && is_word(bytes[limit + word_run])) ++word_run;
  }
  std::size_t fallback = 0;
  for (std::size_t position = limit; position > 0; --position) {
    if (position < limit) word_run = is_word(bytes[position]) ? word_run + 1 : 0;
    while (behind > 0 && matches[behind - 1].start >= position) --behind;
    if (bytes.size() - position > max_held_) return fallback;
    const bool inside = behind > 0 && matches[behind - 1].end > position;
    const bool at_start = behind < matches.size() && matches[behind].start == position;
    if (inside && !at_start) continue;
    if (longest_field_ == 0 || !is_word(bytes[position - 1]) || word_run > longest_field_) return position;
    // Secrets without end, nothing between them: going on without the byte before may mask a field too much, never too little.
    if (fallback == 0) fallback = position;
  }
  return bytes.size() > max_held_ ? fallback : 0;
}

}  // namespace venturi
