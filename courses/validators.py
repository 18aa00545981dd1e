from core.uploads import FileRules

validate_video = FileRules(endings={".mp4": b"ftyp"}, megabytes=500)
validate_captions = FileRules(endings={".vtt": b"WEBVTT"}, megabytes=2)
validate_lesson_file = FileRules(
    endings={".pdf": b"%PDF-", ".zip": b"PK", ".docx": b"PK", ".txt": b""},
    megabytes=25,
)
