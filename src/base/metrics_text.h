// Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace venturi {

class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a metric: all its samples follow. `type`: counter, gauge, summary, untyped.
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, Labels labels = {});
  // Of a summary: <name>_sum and <name>_count.
  void summary(double sum, double count, Labels labels = {});
  void metric(std::string_view name, std::string_view type, std::string_view help, double value) {
    begin(name, type, help);
    sample(value);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, double value, Labels labels);
  std::string text_, name_;
};

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace venturi
