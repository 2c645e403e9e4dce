package orders // want package:"facts"

import "context"

func Open(ctx context.Context) (int, error) { return 3, nil }

type Order struct{ ID string }

func (o Order) Name() string { return o.ID }

type Store struct{ n int }

func NewStore() *Store { return &Store{} }

func (s *Store) Count() int { return s.n }
