// Replaces secrets in a stream of log bytes by "***", as Airflow's secrets masker does for records.
//
// What is masked. Every occurrence of a secret, or of one of its encoded forms (masking_forms.h), is found; occurrences that
// overlap become one "***", those that only touch one each. A secret of fewer than 5 characters is masked only where it is a
// whole field: no word byte stands directly before or behind it. Word bytes are ASCII letters, digits, '_', and all bytes of
// characters beyond ASCII; the beginning and end of the stream count as no word byte.
//
// Streaming. scan() keeps no state: it tells how many of the given bytes its output stands for, and the caller gives the others
// again with what came behind them. So a reader may peek, scan, write the log, and only then take the bytes from the socket or
// pipe; whoever takes over after its death finds what was not written yet. The output is the same however the stream is cut;
// only where secrets of both kinds follow each other without end may a short one be masked that is no whole field.
//
// Scan plain text, not JSON: a short secret may equal a number there. Texts that are read from JSON are scanned after that.
//
// Cost. One pass of an Aho-Corasick automaton: time grows with the bytes, not with the number or length of secrets. A masker
// without secrets copies. Only the standard library is needed: small static workers link this.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/masking_automaton.h"

namespace venturi {

class Masker {
 public:
  struct Scan {
    std::string clean;         // masked text of the first `consumed` bytes
    std::size_t consumed = 0;  // the bytes behind them could be the beginning of a secret
  };

  Masker() = default;
  explicit Masker(std::span<const std::string> secrets) { add(secrets); }

  // Empty and blank secrets, and those known already, change nothing. Each call that adds something builds the automaton anew
  // (time and about 25 bytes of memory for each byte of all forms): give several secrets at once.
  void add(std::string_view secret);
  void add(std::span<const std::string> secrets);
  [[nodiscard]] bool empty() const { return patterns_.empty(); }

  // `bytes` begins where the last scan stopped consuming. `at_end`: nothing follows; everything is consumed.
  [[nodiscard]] Scan scan(std::string_view bytes, bool at_end) const;
  // The whole of a text at once.
  [[nodiscard]] std::string mask(std::string_view text) const { return scan(text, true).clean; }

  // At most this many bytes are ever left unconsumed. A peek buffer must be larger, or it could wait for ever for bytes that
  // have no room in it. At most about 20 KiB.
  [[nodiscard]] std::size_t max_held() const { return max_held_; }

 private:
  // A masked stretch, or one of several overlapping ones that together are a masked stretch.
  struct Match {
    std::size_t start, end;
  };
  bool insert(std::string_view secret);
  void rebuild();
  [[nodiscard]] std::size_t stop(std::string_view bytes, std::size_t limit, const std::vector<Match>& matches) const;

  std::vector<MaskPattern> patterns_;  // sorted, unique
  MaskAutomaton automaton_;
  std::size_t longest_field_ = 0;  // of the patterns that are masked as whole fields only; 0: there are none
  std::size_t max_held_ = 0;
};

}  // namespace venturi
