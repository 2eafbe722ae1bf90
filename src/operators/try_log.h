// A try's log as the operator itself writes it: JSON lines as Airflow's, {"timestamp", "level", "event", "logger"}, with all
// secrets that the try knows masked. It goes to a file that others append to as well (the worker: output of commands), or to a
// descriptor whose reader masks again.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "operators/known_secrets.h"

namespace venturi::operators {

class TryLog {
 public:
  // The file is opened with its folders (0700, 0600) at the first line. An empty path: lines go nowhere. The pool outlives the
  // log.
  TryLog(std::string path, SecretsPool& pool, const std::vector<std::string>& secrets);
  // Keeps the descriptor.
  TryLog(Fd descriptor, std::vector<std::string> secrets);

  void info(std::string_view event) { write("info", event); }
  void warning(std::string_view event) { write("warning", event); }
  void error(std::string_view event) { write("error", event); }

  // Masked from now on.
  void add_secrets(std::span<const std::string> secrets);
  [[nodiscard]] std::string mask(std::string_view text) const { return secrets_->masker.mask(text); }
  // Why lines are missing, where some are: a log that cannot be written must not stop the task.
  [[nodiscard]] std::string trouble() const { return trouble_ == nullptr ? std::string() : *trouble_; }

 private:
  void write(std::string_view level, std::string_view event);

  std::string path_;  // until it is open: thousands of logs lie in memory
  std::unique_ptr<const std::string> trouble_;
  Fd fd_;
  SecretsPool* pool_ = nullptr;  // null: nobody else is there to share with
  std::shared_ptr<const KnownSecrets> secrets_;
};

}  // namespace venturi::operators
