// What one rendering may use at most: a template is text of a user, rendered in a process that serves others too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace venturi::templates {

struct Limits {
  std::uint64_t steps = 10'000'000;       // nodes evaluated: a second or two
  std::size_t output_bytes = 64UL << 20;  // of the rendered text
  std::size_t value_bytes = 16UL << 20;   // of one string
  std::size_t value_items = 1'000'000;    // of one list, tuple or dict
  std::size_t total_bytes = 512UL << 20;  // of all strings and lists made, whether still there or not
  int depth = 400;                        // of expressions, statements and macro calls within one another
};

// How deep a template's source may be nested. Fixed, as the stack's size is.
inline constexpr int max_syntax_depth = 100;

// Counts what a rendering has used. Each function throws TemplateError of kind limit, saying which limit it was.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  void step(std::uint64_t n = 1) {
    steps_ += n;
    if (steps_ > limits_.steps) exceeded("steps", limits_.steps);
  }
  // Before a string of so many bytes or a list of so many items is made.
  void make_text(std::size_t bytes);
  void make_items(std::size_t items);
  // While one grows: only against the limit of a single value.
  void check_text(std::size_t bytes) const;
  void check_items(std::size_t items) const;
  void write(std::size_t bytes);

  // Around each descent of the evaluator.
  class Depth {
   public:
    explicit Depth(Budget& budget) : budget_(budget) {
      if (++budget_.depth_ > budget_.limits_.depth) {
        --budget_.depth_;
        exceeded("depth", static_cast<std::uint64_t>(budget_.limits_.depth));
      }
    }
    ~Depth() { --budget_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Budget& budget_;
  };

 private:
  void total(std::size_t bytes);
  [[noreturn]] static void exceeded(std::string_view limit, std::uint64_t value);

  const Limits limits_;
  std::uint64_t steps_ = 0;
  std::size_t written_ = 0, total_ = 0;
  int depth_ = 0;
};

// A recursion over values within values: writing, comparing, hashing. It is bounded in depth, which the stack is the reason
// for, and in what it visits, since `[x, x]` of `[x, x]` of ... is small in memory and endless to write. Functions of their own
// limits, because == and hash() are called where no Budget is at hand.
class Walk {
 public:
  class Level {
   public:
    explicit Level(Walk& walk);
    ~Level() { --walk_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Walk& walk_;
  };
  // What was written so far.
  static void check_text(std::size_t bytes);

 private:
  int depth_ = 0;
  std::uint32_t visited_ = 0;
};

}  // namespace venturi::templates
