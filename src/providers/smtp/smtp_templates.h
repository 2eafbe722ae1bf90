// What a mail was not given and its connection has: from_email, and the files subject_template and html_content_template.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "providers/smtp/smtp_connection.h"

namespace venturi::providers {

// As Airflow's operator and notifier: rendered, and without the line breaks of the files. Throws TaskFailed where a file cannot
// be read, or a template not be rendered.
[[nodiscard]] boost::asio::awaitable<void> take_from_connection(operators::OperatorTry& t, const SmtpSettings& settings,
                                                                operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<void> take_from_connection(operators::Notification& n, const SmtpSettings& settings,
                                                                operators::Arguments& arguments);
// As Airflow's hook: the files as they are.
[[nodiscard]] boost::asio::awaitable<void> take_from_connection(const SmtpSettings& settings, operators::Arguments& arguments);

// A file of the worker's machine, at most 4 MiB, in UTF-8; `what` is what errors call it. With `on_one_line` without line
// breaks.
[[nodiscard]] boost::asio::awaitable<std::string> read_mail_template(std::string path, std::string what, bool on_one_line);

}  // namespace venturi::providers
