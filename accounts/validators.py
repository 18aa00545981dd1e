"""The rules for a password, said as what to do."""

from django.contrib.auth import password_validation as rules


class NotLikeTheAccount(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that is not close to your name or email address."


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Use at least {self.min_length} characters."


class NotCommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "Choose a password that fewer people use."


class NotOnlyNumbers(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return "Add at least one letter."
