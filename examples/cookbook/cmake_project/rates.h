#pragma once

double usd_rate();
