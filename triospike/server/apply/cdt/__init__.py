"""Operations on lists and maps, nested to any depth (protocol section 10)."""
