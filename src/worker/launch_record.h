// Which launches this worker has accepted or refused, on disk before any process is made for them. It is why no launch is
// carried out twice, and why "this one never started" can be said for sure.
//
// $VENTURI_HOME/worker/launch.rec is an array of 32-byte slots, written one after another into room that was filled with zeros
// and synced beforehand, so that fdatasync has no size or extent to write:
//
//   slot 0      | "VLAUNCH1" | worker_id 8 B | 0 ...                               | crc 4 B |
//   slot 1..n   | epoch 8 B | sequence 8 B | batch 4 B | index 4 B | kind 4 B      | crc 4 B |
//
// Tokens that follow each other and are settled are kept as one range, in a file that is written anew as two slots: a launch
// that waits for weeks holds the horizon, and what came since must not grow with their number.
//
// A batch is what lies between two syncs, `index` counts in it. Slots that do not read back in the last batch were never
// synced: no process was made for them. A hole before that is damage: nothing that the record does not hold can be called
// never started then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "worker/token.h"

namespace venturi::worker {

class LaunchRecord {
 public:
  enum class Fate : std::uint8_t {
    none,
    accepted,  // a process may have been made for it
    settled,   // accepted, and the server has confirmed its end
    refused,   // never started, and never will be
  };

  // Reads the record of this folder, or begins one. Throws std::system_error where the folder cannot be read or written.
  explicit LaunchRecord(const std::string& folder);

  // A new one for each record that was begun: the server knows by it whether launches may stand in another record.
  [[nodiscard]] const std::string& worker_id() const { return worker_id_; }
  [[nodiscard]] std::uint64_t horizon() const { return horizon_; }
  [[nodiscard]] std::uint64_t highest() const;

  // What ServerHello says. A record that was just begun, or a later epoch, is complete from `sent_below` on only.
  void begin_epoch(std::uint64_t epoch, std::uint64_t sent_below);
  // Everything below is settled and may be forgotten.
  void forget_below(std::uint64_t sequence);

  [[nodiscard]] Fate fate(Token token) const;
  // Whether Fate::none means that the token was never seen.
  [[nodiscard]] bool would_know(Token token) const;

  // These count in memory at once, on disk after write() and, where that says so, sync().
  void accept(Token token) { add(token, Kind::accepted, Fate::accepted); }
  void refuse(Token token) { add(token, Kind::refused, Fate::refused); }
  // Rides on the next write without a sync of its own: forgetting it costs a report that the server passes over.
  void settle(Token token);
  // Writes what was added. True: something of it must not be forgotten, and has to be synced before it has an effect. Throws
  // std::system_error; what was accepted since the last write counts as refused then, and no process may be made for it.
  [[nodiscard]] bool write();
  // The one function for another thread, while this one may add but not write. The error text; empty: it is on disk.
  [[nodiscard]] std::string sync() const;
  // How it went. Where it did not, what was accepted before that write counts as refused.
  void synced(bool on_disk);

  // Accepted and not settled: of a worker that was just started, what its predecessor left behind.
  [[nodiscard]] std::vector<Token> unsettled() const;

 private:
  enum class Kind : std::uint32_t { accepted = 1, refused, settled, base, horizon, settled_from, settled_to };
  struct Slot {
    Token token;
    std::uint32_t batch = 0, index = 0;
    Kind kind = Kind::accepted;
  };
  static std::string encode(const Slot& slot);
  static bool decode(std::string_view bytes, Slot& slot);

  void add(Token token, Kind kind, Fate fate);
  void queue(Token token, Kind kind);
  void add_settled(Token from, std::uint64_t end);
  void forget();
  void recover();
  bool read_slots(const std::string& content);
  void apply(const Slot& slot);
  void rewrite();  // a new file with what still matters
  void give_up(const std::vector<Slot>& slots);

  std::string folder_, path_, worker_id_;
  Fd file_;
  std::map<Token, Fate> entries_;           // accepted or refused
  std::map<Token, std::uint64_t> settled_;  // first of a range → the sequence behind its last
  std::uint64_t epoch_ = 0, base_ = 0, horizon_ = 0;
  std::uint64_t settled_from_ = 0;     // while a file is read: the range that its next slot ends; 0: none
  std::vector<Slot> added_, written_;  // written_: not known to be on disk
  bool must_sync_ = false;
  std::size_t position_ = 1, capacity_ = 0;  // slots
  std::uint32_t batch_ = 1, index_ = 0;
};

}  // namespace venturi::worker
