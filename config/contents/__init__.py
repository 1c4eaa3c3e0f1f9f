"""The parts of `config.content`: reading YAML with line numbers, typed models, wording rules."""
