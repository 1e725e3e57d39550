"""Why a problem has no optimum, in the names of its energy system."""
